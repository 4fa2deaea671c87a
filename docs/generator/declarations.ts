import { resolve } from 'node:path';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '../..');
const doors = Object.fromEntries(
  ['core', 'inbox', 'testing'].map((name) => [name, resolve(root, 'packages', name, 'src/index.ts')]),
);

let opened: { checker: ts.TypeChecker; program: ts.Program } | undefined;

/** The packages' sources as the compiler reads them; once, since it takes seconds. */
function open() {
  const { config } = ts.readConfigFile(resolve(root, 'tsconfig.base.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const program = ts.createProgram(Object.values(doors), options);
  opened ??= { program, checker: program.getTypeChecker() };
  return opened;
}

/** An option as its declaration describes it. */
export interface Option {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  /** The doc comment, in one line. */
  readonly description: string;
}

/**
 * The options that an exported type has, in order of declaration.
 * @throws Error for one without a doc comment, so that none is undocumented
 */
export function optionsOf(packageName: string, typeName: string): Option[] {
  const { checker } = opened ?? open();
  const type = exported(packageName, typeName);
  const found = new Map<string, Option>();
  for (const part of type.isUnion() ? type.types : [type]) {
    for (const property of checker.getPropertiesOfType(part)) {
      const declaration = property.declarations?.find(ts.isPropertySignature);
      const description = ts.displayPartsToString(property.getDocumentationComment(checker)).replace(/\s*\n\s*/g, ' ');
      const text = declaration?.type?.getText() ?? '';
      if (text === 'never' || found.get(property.name)?.description) continue;
      const required = (property.flags & ts.SymbolFlags.Optional) === 0;
      found.set(property.name, { name: property.name, type: text.replace(/\s+/g, ' '), required, description });
    }
  }
  const undocumented = [...found.values()].find(({ description }) => description === '');
  if (undocumented) throw new Error(`${typeName}.${undocumented.name} has no doc comment.`);
  return [...found.values()];
}

/** The texts that an exported union of literals consists of. */
export function membersOf(packageName: string, typeName: string): string[] {
  const type = exported(packageName, typeName);
  return (type.isUnion() ? type.types : [type]).map((member) => (member as ts.StringLiteralType).value);
}

function exported(packageName: string, typeName: string): ts.Type {
  const { checker, program } = opened ?? open();
  const file = program.getSourceFile(doors[packageName] ?? '');
  const door = file && checker.getSymbolAtLocation(file);
  const found = door && checker.getExportsOfModule(door).find(({ name }) => name === typeName);
  if (!found) throw new Error(`${packageName} exports no ${typeName}.`);
  const symbol = found.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found;
  return checker.getDeclaredTypeOfSymbol(symbol);
}
