/**
 * Triggers that keep audit events as they were written: none is changed, none is deleted but by
 * retention (before `audit_retention.deleted_before`), and none of the last 29 days at all. A
 * tenant keeps events for at least 30 days; the rest is for clocks that differ.
 */
import type { Kysely } from 'kysely'

const minKeptMs = 29 * 86_400_000
const refusal = 'audit events are append-only'

const retained = (row: string, nowMs: string) => `${row}.at > ${nowMs} - ${minKeptMs} or not exists (
  select 1 from audit_retention where tenant = ${row}.tenant and deleted_before > ${row}.at)`

const forSqlite: readonly string[] = [
  `create trigger audit_events_keep before update on audit_events begin select raise(abort, '${refusal}'); end`,
  `create trigger audit_events_retain before delete on audit_events when ${retained('old', 'unixepoch() * 1000')}
    begin select raise(abort, '${refusal}'); end`,
  // "insert or replace" fires no trigger for the row that it deletes
  `create trigger audit_events_replace before insert on audit_events
    when exists (select 1 from audit_events where id = new.id) begin select raise(ignore); end`,
]

const forPostgres: readonly string[] = [
  `create function refuse_audit_change() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' then
        if not (${retained('old', 'extract(epoch from now()) * 1000')}) then return old; end if;
      end if;
      raise exception '${refusal}';
    end $$`,
  `create trigger audit_events_keep before update or delete on audit_events
    for each row execute function refuse_audit_change()`,
  `create trigger audit_events_truncate before truncate on audit_events
    for each statement execute function refuse_audit_change()`,
]

export async function makeAuditAppendOnly(db: Kysely<never>): Promise<void> {
  const { PostgresAdapter, sql } = await import('kysely')
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
  const table = 'create table audit_retention (tenant text not null primary key, deleted_before bigint not null)'
  for (const text of [table, ...(isPostgres ? forPostgres : forSqlite)]) await sql.raw(text).execute(db)
}
