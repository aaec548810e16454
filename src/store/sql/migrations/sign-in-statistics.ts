/**
 * Counts of sign-ins in spans of five minutes: outcomes, failures by cause, and histograms of step
 * durations (broker/sign-ins/histogram.ts). Histograms are stored by hour too, because a day of
 * five-minute histograms has too many rows to read. `sign_in_batches` holds the IDs of added
 * batches, so that a repeated one counts once. Retention deletes by the indexes by time.
 */
export const signInStatistics: readonly string[] = [
  `create table sign_in_counts (
    tenant text not null, starts_at bigint not null, connection text not null,
    signed_in integer not null, refused integer not null,
    constraint sign_in_counts_key primary key (tenant, connection, starts_at))`,
  'create index sign_in_counts_by_time on sign_in_counts (starts_at)',
  `create table sign_in_failures (
    tenant text not null, starts_at bigint not null, connection text not null, cause text not null, code text not null,
    fixer text not null, count integer not null, first_at bigint not null, last_at bigint not null,
    last_reference text not null,
    constraint sign_in_failures_key primary key (tenant, starts_at, connection, cause))`,
  'create index sign_in_failures_by_time on sign_in_failures (starts_at)',
  `create table step_durations (
    tenant text not null, connection text not null, span_seconds integer not null, starts_at bigint not null,
    step text not null, bucket integer not null, count integer not null,
    constraint step_durations_key primary key (tenant, connection, span_seconds, starts_at, step, bucket))`,
  'create index step_durations_by_time on step_durations (starts_at)',
  'create table sign_in_batches (id text not null primary key, starts_at bigint not null)',
  'create index sign_in_batches_by_time on sign_in_batches (starts_at)',
  `create table last_outcomes (
    tenant text not null, connection text not null, kind text not null, last_at bigint not null,
    code text not null, cause text not null, fixer text not null, last_reference text not null,
    constraint last_outcomes_key primary key (tenant, connection, kind))`,
]
