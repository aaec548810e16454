/** Values and fields in the embedded file, a row each. A value is the field without a name. */
import type { Records } from '../records.ts'
import { blob, type VolatileFile } from './file.ts'

export function sqliteRecords({ file, time }: VolatileFile): Records {
  const { database, exclusive, transaction, read } = file
  const insert = database.prepare('insert or replace into records values (?, ?, ?, ?)')
  const insertNew = database.prepare(`
    insert into records values (:key, '', :value, :end) on conflict (key, field) do update
    set value = excluded.value, ends_at = excluded.ends_at where records.ends_at <= :now`)
  const take = database.prepare(`
    delete from records where key = :key and field = '' and ends_at > :now and substr(value, 1, length(:start)) = :start
    returning value`)
  const find = database.prepare('select field, value from records where key = ? and ends_at > ?')
  const extend = database.prepare('update records set ends_at = ? where key = ? and ends_at > ?')
  const remove = database.prepare('delete from records where key = ?')
  const removeField = database.prepare('delete from records where key = ? and field = ?')

  function fieldsOf(key: string): Readonly<Record<string, Buffer>> {
    return Object.fromEntries(
      find.all(key, time()).map(({ field, value }) => [String(field), blob(value) ?? Buffer.alloc(0)]),
    )
  }

  return {
    get: (key) => read(() => fieldsOf(key)[''] ?? null),
    put: async (values, seconds) => {
      const insertAll = () => {
        for (const [key, value] of values) insert.run(key, '', value, time() + seconds * 1000)
      }
      await (values.length === 1 ? exclusive(insertAll) : transaction(insertAll))
    },
    putNew: (key, value, seconds) =>
      exclusive(() => insertNew.run({ key, value, end: time() + seconds * 1000, now: time() }).changes === 1),
    take: async (key, start) => blob((await exclusive(() => take.all({ key, start, now: time() })))[0]?.['value']),
    remove: async (key) => {
      await exclusive(() => remove.run(key))
    },
    fields: (key) => read(() => fieldsOf(key)),
    putFields: (key, fields, seconds) =>
      transaction(() => {
        const [now, end] = [time(), time() + seconds * 1000]
        for (const [field, value] of Object.entries(fields)) insert.run(key, field, value, end)
        return Number(extend.run(end, key, now).changes)
      }),
    removeFields: async (key, fields) => {
      await transaction(() => fields.map((field) => removeField.run(key, field)))
    },
    takeField: (key, field) =>
      transaction(() => {
        const found = fieldsOf(key)
        removeField.run(key, field)
        return found
      }),
  }
}
