/** The commands of `gatehouse`. */
import { disableAppCommand, enableAppCommand, listApps, showApp } from './apps.ts'
import { exportAudit, listAudit } from './audit.ts'
import { completionScript } from './completion.ts'
import { printClientKeys, showConnection } from './connection/connection.ts'
import { checkConnections } from './connection/connection-check.ts'
import { trustConnectionMetadata } from './connection/connection-trust.ts'
import { setupLinkCommand } from './connection/setup-link.ts'
import { backUp } from './deployment/backup.ts'
import { check, migrate, serveUntilStopped, upgradeConfig } from './deployment/deployment.ts'
import { init } from './deployment/init/init.ts'
import { showStatus } from './deployment/status.ts'
import { trace } from './deployment/trace.ts'
import { checkDomains } from './domains.ts'
import { listKeys, retireKey, rotateKeys } from './keys.ts'
import { previewMails } from './mail.ts'
import type { CommandTable } from './options.ts'
import { previewProfile } from './profile.ts'
import { assignRoleCommand, listRoles, removeRoleCommand } from './roles.ts'
import { findTokens, revokeTokensCommand } from './tokens.ts'
import { listTenants, listUsers, showUser } from './users/directory.ts'
import { resetPasswordCommand } from './users/mailed-links.ts'
import { endSessions, listSessions } from './users/sessions.ts'
import { showAffected } from './users/sso.ts'
import { addUser, blockUserCommand, deleteUserCommand, resetFactorsCommand, unblockUserCommand } from './users/users.ts'

export const commands: CommandTable = {
  'init [folder]': {
    run: init,
    says: [
      'write a configuration that runs: gatehouse.yaml, a tenant, .env with a key, .env.example',
      'Writes to config/ in the folder, by default in this one. Changes no file that exists.',
    ],
    options: ['tenant', 'with', 'public-url', 'emulators'],
  },
  serve: { run: serveUntilStopped, says: ['run Gatehouse until SIGTERM or Ctrl-C'] },
  check: {
    run: check,
    says: ['check the configuration and print all errors and warnings', 'Exit code 1 if there is an error.'],
  },
  'config upgrade': {
    run: upgradeConfig,
    says: [
      'print the former names of keys and values in gatehouse.yaml and tenants/*.yaml, and the present ones',
      '--write replaces them. Comments, order and formatting stay.',
    ],
    options: ['write'],
  },
  status: {
    run: showStatus,
    says: [
      'print the state of stores, processes, connections, queues and signing keys, and each problem with the person who can fix it',
      'Exit code 1 if a store or a connection is down, or migrations are pending.',
    ],
    options: ['json'],
  },
  migrate: { run: migrate, says: ['bring the database up to date'] },
  'backup <folder>': {
    run: backUp,
    says: [
      'copy the embedded store and its key to a new folder in this one, while Gatehouse runs',
      'Prints the new folder. With PostgreSQL, use pg_dump.',
    ],
  },
  'trace [reference]': {
    run: trace,
    says: [
      'print what happened to a sign-in by its reference, such as 7KQ2-M9XD, or list recent sign-ins',
      'With --recent or a filter: newest first, with time, reference, outcome, cause and who can fix it. Prints 20, or --limit.',
    ],
    options: ['recent', 'tenant', 'connection', 'user', 'since', 'until', 'limit', 'failed', 'json'],
  },
  'connection show <tenant> <connection>': {
    run: showConnection,
    says: [
      "print the URLs to register at the upstream, by the names that the vendor's pages use",
      'Names the setup guide too.',
    ],
    options: ['tenant', 'connection'],
  },
  'connection setup-link <tenant> <connection>': {
    run: setupLinkCommand,
    says: [
      'print a link to a page for the administrator of the upstream: steps, values to copy, a test',
      'It needs no sign-in and expires. A new link replaces the earlier one. With --revoke: end it.',
    ],
    options: ['tenant', 'connection', 'lifetime', 'revoke'],
  },
  'connection check <tenant> [connection]': {
    run: checkConnections,
    says: [
      'check whether a login would work now, and print who can fix each failure',
      'Exit code 1 if a connection is down.',
    ],
    options: ['tenant', 'connection', 'json'],
  },
  'connection jwks <tenant> <connection>': {
    run: printClientKeys,
    says: ['print the public key of `clientKey` as a JWK Set, for private_key_jwt'],
    options: ['tenant', 'connection'],
  },
  'connection trust <tenant> <connection> [digest]': {
    run: trustConnectionMetadata,
    says: [
      'print the current metadata of a SAML identity provider, and its changes',
      'With the printed digest: trust this metadata, whatever its signature. Exit code 1 while some of it is not trusted.',
    ],
    options: ['tenant', 'connection'],
  },
  'mail preview [name]': {
    run: previewMails,
    says: [
      'write every email, or one, with sample content as .html and .txt',
      'Uses the name and the color of the tenant, by default the first. Sends nothing.',
    ],
    options: ['tenant', 'out'],
  },
  'domains check': {
    run: (options) => checkDomains(options),
    says: [
      "print the DNS TXT records that prove a tenant's email domains, and whether they exist",
      'Exit code 1 if a record is missing.',
    ],
    options: ['tenant'],
  },
  'sso affected <tenant> [domain]': {
    run: showAffected,
    says: [
      'count the users whom ssoOnly of a domain affects, and check the break-glass users',
      'Works before ssoOnly is set. Once it is set, --end-sessions ends their sessions, so that they sign in again. Exit code 1 if there is a warning.',
    ],
    options: ['end-sessions', 'json'],
  },
  'profile preview <file>': {
    run: previewProfile,
    says: [
      'print the profile that a captured response maps to (claims as JSON; - for standard input)',
      'With --json: the profile alone, without the source of each attribute.',
    ],
    options: ['tenant', 'connection', 'json'],
  },
  'apps list': {
    run: listApps,
    says: ['list all apps: ID, kind, owner (tenant and user), state, name'],
    options: ['json'],
  },
  'apps show <id>': { run: showApp, says: ['show one app: owner, redirect URIs, scopes, state'] },
  'apps disable <id>': {
    run: disableAppCommand,
    says: [
      "disable a developer's app: its sign-ins, secrets, keys and tokens are rejected",
      'Takes effect within two seconds. JWT access tokens are valid until they expire.',
    ],
  },
  'apps enable <id>': { run: enableAppCommand, says: ['enable an app again'] },
  'audit list': {
    run: listAudit,
    says: [
      'list audit events, newest first: time, tenant, action, actor -> target, address, details',
      'Prints 50, or --limit.',
    ],
    options: ['tenant', 'user', 'action', 'since', 'until', 'limit'],
  },
  'audit export': {
    run: exportAudit,
    says: ['print audit events as JSON Lines, newest first', 'Prints all, or --limit.'],
    options: ['tenant', 'user', 'action', 'since', 'until', 'limit'],
  },
  'tenants list': {
    run: listTenants,
    says: ['list the tenants: ID, users, name, connections'],
    options: ['json'],
  },
  'users list': {
    run: listUsers,
    says: [
      'list users: ID, tenant, status, email, name; of all tenants, or of one',
      'With --email sorted by email, else newest first. Prints 50, or --limit.',
    ],
    options: ['tenant', 'email', 'status', 'limit', 'json'],
  },
  'users show <email or id>': {
    run: showUser,
    says: ['show one user: sign-in methods, sessions, API tokens, roles, apps; no secret'],
    options: ['tenant', 'json'],
  },
  'users add': {
    run: addUser,
    says: [
      'add a user: email a link to choose a password, or read the password with --password-stdin',
      'Without an email, the operator vouches for the address.',
    ],
    options: ['tenant', 'email', 'name', 'password-stdin'],
  },
  'users block <tenant> <email or id>': {
    run: blockUserCommand,
    says: ["block a user: end all sessions and tokens, refuse sign-ins, disable the user's own apps"],
  },
  'users unblock <tenant> <email or id>': {
    run: unblockUserCommand,
    says: ["unblock a user; also lifts an upstream's revocation (Universal Logout)"],
  },
  'users reset-password <tenant> <email or id>': {
    run: resetPasswordCommand,
    says: ['email a user the link to choose a new password', 'A new password ends all sessions of the user.'],
  },
  'users reset-factors <tenant> <email or id>': {
    run: resetFactorsCommand,
    says: [
      'remove the second factors, recovery codes and remembered devices of a user who lost them',
      'The user gets an email.',
    ],
  },
  'users delete <tenant> <email or id>': {
    run: deleteUserCommand,
    says: ['delete a user with all their data, at once and without undo; refused while they own apps'],
  },
  'sessions list': {
    run: listSessions,
    says: ['list the sessions of a user: ID, connection, device, last seen'],
    options: ['user', 'tenant', 'json'],
  },
  'sessions end': {
    run: endSessions,
    says: [
      'end a session of a user, or all, and the sessions of apps with it',
      'Exit code 1 if the user has no such session.',
    ],
    options: ['user', 'session', 'tenant'],
  },
  'roles assign <role>': {
    run: assignRoleCommand,
    says: [
      'assign operator, admin or developer to a user',
      'An operator administers every tenant; only this command creates one. Takes effect at once.',
    ],
    options: ['tenant', 'user'],
  },
  'roles remove <role>': {
    run: removeRoleCommand,
    says: ["remove an assigned role from a user; roles by access: in the tenant's file stay"],
    options: ['tenant', 'user'],
  },
  'roles list': {
    run: listRoles,
    says: ['list the roles of a tenant, or of one user, each with its source'],
    options: ['tenant', 'user', 'json'],
  },
  'tokens find [file]': {
    run: findTokens,
    says: [
      'find the credentials of this deployment in a text, and name their owners (- or no file: standard input)',
      'Session tokens, API tokens and client secrets. The secrets themselves are not printed.',
    ],
    options: ['json'],
  },
  'tokens revoke': {
    run: revokeTokensCommand,
    says: [
      'revoke all API tokens of a user, or of all users of a tenant; or all OAuth tokens of an app',
      'Running processes reject them within a second.',
    ],
    options: ['tenant', 'user', 'app'],
  },
  'keys list': {
    run: listKeys,
    says: ['list the signing keys: status, and when each changes'],
    options: ['json'],
  },
  'keys rotate': {
    run: rotateKeys,
    says: ['activate the next signing keys', 'Without --now, this fails while apps may not know them yet.'],
    options: ['now', 'json'],
  },
  'keys retire <key>': {
    run: retireKey,
    says: ['retire a signing key', 'With --now it is no longer published, and its tokens are rejected at once.'],
    options: ['now', 'json'],
  },
  'completion <bash|zsh|fish>': {
    run: async ({ words: [shell] }) => completionScript(shell, commands),
    says: ['print a completion script for the shell', 'For bash: source <(gatehouse completion bash)'],
  },
}
