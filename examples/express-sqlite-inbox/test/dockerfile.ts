import { readFileSync } from 'node:fs';

/** A line of a Dockerfile. */
interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** What follows a FROM. */
export interface Stage {
  readonly name: string | undefined;
  readonly image: string;
  readonly instructions: readonly Instruction[];
}

/** Reads the stages of a Dockerfile that has no continued lines. */
export function stagesOf(file: string): readonly Stage[] {
  const stages: { name: string | undefined; image: string; instructions: Instruction[] }[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, name = '', text = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    if (name === 'FROM') {
      const [, image = '', stage] = /^(\S+)(?: AS (\S+))?$/.exec(text) ?? [];
      stages.push({ name: stage, image, instructions: [] });
    } else if (name !== '') stages.at(-1)?.instructions.push({ name, text });
    else if (line !== '' && !line.startsWith('#')) throw new Error(`Unknown line of a Dockerfile: ${line}`);
  }
  return stages;
}

/** The texts of the instructions with a name. */
export const textsOf = ({ instructions }: Stage, name: string): readonly string[] =>
  instructions.filter((one) => one.name === name).map(({ text }) => text);

/** The command of a CMD or HEALTHCHECK in JSON. */
export const commandOf = (text: string | undefined): readonly [string, ...string[]] =>
  JSON.parse(text?.slice(text.indexOf('[')) ?? '[]');

/** The variables of a stage. */
export const variablesOf = (stage: Stage): Readonly<Record<string, string>> =>
  Object.fromEntries(textsOf(stage, 'ENV').map((text) => text.split('=', 2) as [string, string]));
