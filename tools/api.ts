/**
 * Compares what the built packages export with the reports in each package's `api/`, and fails if they
 * differ. `--update` (`npm run check -- api --update`) updates the reports; `--update PACKAGE` those of one package.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { publishedFolders, root } from './pack';

const update = process.argv.includes('--update');
const only = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));

interface Entry {
  readonly folder: string;
  readonly declarations: string;
  /** The report's file name. */
  readonly report: string;
}

/** Returns each declaration file in a package's `exports`. */
function entriesIn(folder: string): Entry[] {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    exports: Record<string, string | { import?: { types: string } }>;
  };
  return Object.entries(exports).flatMap(([path, target]) => {
    if (typeof target === 'string' || !target.import) return [];
    const report = path === '.' ? 'index' : path.slice(2);
    const declarations = join(folder, target.import.types);
    if (!existsSync(declarations)) throw new Error(`${declarations} is missing: run npm run build.`);
    return [{ folder, declarations, report }];
  });
}

function configOf({ folder, declarations, report }: Entry): ExtractorConfig {
  const reports = join(folder, 'api');
  mkdirSync(reports, { recursive: true });
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: declarations,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2022',
            module: 'esnext',
            moduleResolution: 'bundler',
            lib: ['es2023', 'dom', 'dom.iterable'],
            types: ['node'],
            strict: true,
            exactOptionalPropertyTypes: true,
            skipLibCheck: true,
          },
          files: [declarations],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${report}.api.md`,
        reportFolder: reports,
        reportTempFolder: join(root, 'node_modules/.cache/api'),
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.None },
          // A type that is reachable but not exported is listed in the report for the reviewer.
          'ae-forgotten-export': { logLevel: ExtractorLogLevel.Warning, addToApiReportFile: true },
        },
        // Doc comments follow typedoc, which validates them.
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
}

const names = (folder: string) => folder.split(/[\\/]/).at(-1) as string;
const entries = publishedFolders()
  .filter((folder) => only.length === 0 || only.includes(names(folder)))
  .flatMap(entriesIn);
const configs = entries.map(configOf);
const [first] = configs;
if (!first) throw new Error(`No such package: ${only.join(', ')}.`);

// One compiler for all: it reads the declarations of Node and of the frameworks once.
const compilerState = CompilerState.create(first, {
  additionalEntryPoints: entries.map(({ declarations }) => declarations),
});
const changed: string[] = [];
for (const config of configs) {
  const { apiReportChanged, errorCount } = Extractor.invoke(config, {
    compilerState,
    localBuild: update,
    messageCallback: (message) => {
      message.handled = message.logLevel !== ExtractorLogLevel.Error;
    },
  });
  if (errorCount > 0 || (apiReportChanged && !update)) changed.push(relative(root, config.reportFilePath));
}
if (changed.length === 0) {
  console.log(`${configs.length} API reports ${update ? 'updated' : 'match the exports of the packages'}.`);
} else {
  console.error(
    `The exports differ from these reports: ${changed.join(', ')}. If the change is intended, run npm run check -- api --update and add a changeset.`,
  );
  process.exitCode = 1;
}
