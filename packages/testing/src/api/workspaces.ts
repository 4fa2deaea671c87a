import { isEntityRow, type Row, rowIn, rowsIn } from './row';

/** The maps that store the rows, by id. */
interface Known {
  readonly companies: Map<string, Row>;
  readonly projects: Map<string, Row>;
  readonly users: Map<string, Row>;
  readonly rows: Readonly<Record<'list' | 'record' | 'checklist', Map<string, Row>>>;
}

/** Relations that lead to a person. */
const persons = ['user', 'createdBy', 'deletedBy'];
/** Join rows that lead to persons. */
const joins = ['todoUsers', 'checklistItemUsers'];
/** Relations that lead up to the workspace. */
const parents = ['checklist', 'todo', 'todoList', 'project', 'company'];

/**
 * Stores the rows that a row contains, unless they are stored already: its parents up to the organisation, and the
 * people. Returns the row without them, so that the state holds each row once.
 */
export function withoutParents<R extends Row>(state: Known, row: R): R {
  for (const relation of persons) keep(state.users, rowIn(row[relation]));
  for (const join of joins.flatMap((name) => rowsIn(row[name]))) {
    keep(state.users, rowIn(join.user));
    delete join.user;
  }
  const maps = {
    checklist: state.rows.checklist,
    todo: state.rows.record,
    todoList: state.rows.list,
    project: state.projects,
    company: state.companies,
  };
  for (const [relation, map] of Object.entries(maps)) {
    const parent = rowIn(row[relation]);
    if (parent) keep(map, withoutParents(state, parent));
  }
  const own = Object.entries(row).filter(([name]) => !parents.includes(name) && !persons.includes(name));
  return Object.fromEntries(own) as R;
}

function keep(known: Map<string, Row>, row: Row | undefined): void {
  if (row && isEntityRow(row) && !known.has(row.id)) known.set(row.id, row);
}
