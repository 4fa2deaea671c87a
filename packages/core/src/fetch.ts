import type { BodySource, Outcome, RawBody, RawDelivery } from './delivery';
import { WebhookError } from './errors';
import { answerTo } from './outcome';

/** A Fetch request as a raw delivery. */
export function toRawDelivery(request: Request): RawDelivery {
  return {
    method: request.method,
    header: (name) => request.headers.get(name),
    body: bodyOf(request),
    request,
  };
}

function bodyOf({ bodyUsed, body }: Request): RawBody {
  if (bodyUsed || body?.locked) return undefined;
  return body ? readableSource(body) : new Uint8Array();
}

/** The answer as a Fetch response: to an outcome, or to the error that `verify` and `verifyRequest` throw. */
export function toResponse(result: Outcome | WebhookError): Response {
  const { status, headers, body } = WebhookError.is(result) ? answerTo(result.code) : result;
  return new Response(body, { status, headers });
}

/** Reads a web stream, and cancels it when core has had enough. */
export function readableSource(stream: ReadableStream<Uint8Array>): BodySource {
  return (sink) => {
    const reader = stream.getReader();
    const pump = async (): Promise<void> => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return sink.end();
        sink.chunk(value);
      }
    };
    pump().catch(sink.fail);
    return () => void reader.cancel().catch(() => {});
  };
}
