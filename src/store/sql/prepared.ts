/** Statements of every login: Kysely writes each once, because that takes longer than sending it. */
import type { Compilable, CompiledQuery, Kysely } from 'kysely'
import type { Tables } from './schema.ts'

/** Runs the statement with these parameters, in the order in which they stand in it. */
export type Prepared<Row> = (parameters: readonly unknown[]) => Promise<readonly Row[]>

/** @param write makes the statement; the values in it are examples */
export function prepared<Row>(db: Kysely<Tables>, write: () => Compilable<Row>): Prepared<Row> {
  let statement: CompiledQuery<Row> | undefined
  return async (parameters) => {
    statement ??= write().compile()
    if (statement.parameters.length !== parameters.length)
      throw new TypeError(`a statement with ${statement.parameters.length} parameters got ${parameters.length}`)
    return (await db.executeQuery<Row>({ ...statement, parameters })).rows
  }
}
