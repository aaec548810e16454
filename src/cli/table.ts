/** The commands of `gatehouse`. */
import { disableAppCommand, enableAppCommand, listApps, showApp } from './apps.ts'
import { exportAudit, listAudit } from './audit.ts'
import { completionScript } from './completion.ts'
import { printClientKeys, showConnection } from './connection/connection.ts'
import { checkConnections } from './connection/connection-check.ts'
import { trustConnectionMetadata } from './connection/connection-trust.ts'
import { check, migrate, serveUntilStopped, showTrace, upgradeConfig } from './deployment.ts'
import { checkDomains } from './domains.ts'
import { listKeys, retireKey, rotateKeys } from './keys.ts'
import type { CommandTable } from './options.ts'
import { previewProfile } from './profile.ts'
import { assignRoleCommand, listRoles, removeRoleCommand } from './roles.ts'
import { findTokens, revokeTokensCommand } from './tokens.ts'
import { addUser, blockUserCommand, unblockUserCommand } from './users.ts'

export const commands: CommandTable = {
  serve: { run: serveUntilStopped, says: ['run Gatehouse until SIGTERM or Ctrl-C'] },
  check: {
    run: check,
    says: ['check the configuration and print all errors and warnings', 'Exit code 1 if there is an error.'],
  },
  'config upgrade': {
    run: upgradeConfig,
    says: [
      'print the former names of keys and values in gatehouse.yaml and tenants/*.yaml, and their names now',
      'With --write: replace them. Comments, order and formatting stay.',
    ],
    options: ['write'],
  },
  migrate: { run: migrate, says: ['bring the database up to date'] },
  'trace <reference>': {
    run: showTrace,
    says: ['print the trace of a login attempt by its reference, such as 7KQ2-M9XD'],
  },
  'connection show <tenant> <connection>': {
    run: showConnection,
    says: ['print the URLs to register at the upstream (callback, ACS, logout …)', 'Names the setup guide too.'],
    options: ['tenant', 'connection'],
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
      'print the current metadata of a SAML identity provider, and what is new in it',
      'With the printed digest: trust this metadata, whatever its signature. Exit code 1 while some of it is not trusted.',
    ],
    options: ['tenant', 'connection'],
  },
  'domains check': {
    run: (options) => checkDomains(options),
    says: [
      "print the DNS TXT records that prove a tenant's email domains, and whether they exist",
      'Exit code 1 if a record is missing.',
    ],
    options: ['tenant'],
  },
  'profile preview <file>': {
    run: previewProfile,
    says: ['print the profile that a captured response maps to (claims as JSON; - for standard input)'],
    options: ['tenant', 'connection'],
  },
  'apps list': {
    run: listApps,
    says: ['list all apps: id, kind, owner (tenant and user), state, name'],
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
  'users add': {
    run: addUser,
    says: ['add a user with a password'],
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
  'roles assign <role>': {
    run: assignRoleCommand,
    says: [
      'assign operator, admin or developer to a user',
      'An operator administers every tenant: nothing but this command makes one. Takes effect at once.',
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
