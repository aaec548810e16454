/**
 * Sign-ins and refusals of each app and day (UTC), and the order in which an app lists its users.
 */
export const appSignInTables: readonly string[] = [
  `create table app_sign_ins (
    app_id text not null, day text not null, sign_ins integer not null, refusals integer not null,
    constraint app_sign_ins_key primary key (app_id, day))`,
  'create index app_sign_ins_by_day on app_sign_ins (day)',
  'create index consents_by_app_and_time on consents (app_id, first_granted_at, user_id)',
  'drop index consents_by_app',
]
