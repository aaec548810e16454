/** State that the processes of a deployment share, in the embedded file. */
import { placeOf } from '../../broker/connections.ts'
import type { HealthResults, Leases, Processes } from '../../broker/ports/health.ts'
import { decodeHealth, decodeProcesses, encodeHealth, encodeProcess } from '../deployment-codec.ts'
import { healthSeconds } from '../keys.ts'
import type { VolatileFile } from './file.ts'

type Rows = readonly Readonly<Record<string, unknown>>[]

const contents = (rows: Rows) => rows.map(({ content }) => String(content))

export function sqliteHealthResults({ file, time }: VolatileFile): HealthResults {
  const { database, transaction, read } = file
  const insert = database.prepare('insert or replace into health_results values (?, ?, ?)')
  const find = database.prepare('select content from health_results where ends_at >= ? and ends_at > ?')
  const endOf = (putAt: number) => putAt + healthSeconds * 1000

  const since: HealthResults['since'] = async (cursor = 0, except) => {
    const now = time()
    const texts = contents(await read(() => find.all(endOf(cursor), now)))
    return { results: decodeHealth(texts, except), cursor: now }
  }

  return {
    put: async (results) => {
      await transaction(() => {
        for (const result of results) insert.run(placeOf(result), encodeHealth(result), endOf(time()))
      })
    },
    all: async () => (await since()).results,
    since,
  }
}

export function sqliteLeases({ file, time }: VolatileFile): Leases {
  const { database, exclusive } = file
  const hold = database.prepare(`
    insert into leases values (:name, :owner, :end) on conflict (name) do update
    set owner = :owner, ends_at = :end where owner = :owner or ends_at <= :now`)
  const release = database.prepare('delete from leases where name = ? and owner = ?')
  return {
    hold: async (name, owner, seconds) => {
      const now = time()
      const { changes } = await exclusive(() => hold.run({ name, owner, end: now + seconds * 1000, now }))
      return changes === 1
    },
    release: async (name, owner) => {
      await exclusive(() => release.run(name, owner))
    },
  }
}

export function sqliteProcesses({ file, time }: VolatileFile): Processes {
  const { database, exclusive, read } = file
  const insert = database.prepare('insert or replace into running_processes values (?, ?, ?)')
  const remove = database.prepare('delete from running_processes where id = ?')
  const find = database.prepare('select content from running_processes where ends_at > ?')
  return {
    put: async (process, seconds) => {
      await exclusive(() => insert.run(process.id, encodeProcess(process), time() + seconds * 1000))
    },
    remove: async (id) => {
      await exclusive(() => remove.run(id))
    },
    all: async () => decodeProcesses(contents(await read(() => find.all(time())))),
  }
}
