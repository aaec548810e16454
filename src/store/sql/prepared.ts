/** Statements that run at every login: Kysely compiles each once. */
import type { Compilable, CompiledQuery } from 'kysely'
import type { Sql } from './schema.ts'

/** Runs the statement with parameters in the order in which they occur in it. */
export type Prepared<Row> = (parameters: readonly unknown[]) => Promise<readonly Row[]>

/** @param build builds the statement; the values in it are placeholders */
export function prepared<Row>({ run }: Pick<Sql, 'run'>, build: () => Compilable<Row>): Prepared<Row> {
  let statement: CompiledQuery<Row> | undefined
  return async (parameters) => {
    statement ??= build().compile()
    if (statement.parameters.length !== parameters.length)
      throw new TypeError(`a statement with ${statement.parameters.length} parameters got ${parameters.length}`)
    return (await run(statement.sql, parameters)) as readonly Row[]
  }
}
