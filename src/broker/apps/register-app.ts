/** Registers, changes and deletes apps, with an audit event each. */
import { canonicalAccess } from '../../app/access-faults.ts'
import { type Api, type App, servesUsersOf } from '../../app/app.ts'
import { type AppDraft, AppRefused, faultsOf } from '../../app/draft.ts'
import { readLogo } from '../../app/logo.ts'
import { identityScopeNames } from '../../app/scopes.ts'
import { allSettings, settingsOf } from '../../app/settings.ts'
import { GatehouseError } from '../../errors.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { Session } from '../session/session.ts'
import { auditApp, changedSettings, changeOwnApp } from './change-app.ts'
import { brandNames, mistakenFor, mixesScripts } from './look-alike.ts'
import { type AppActor, type OwnershipPorts, ownApp, ownApps, requireStepUpOfActor } from './ownership.ts'

type RegisterAppPorts = OwnershipPorts &
  Ports<'apis' | 'appLogos' | 'consents' | 'publicUrl' | 'random' | 'signingAlgorithms'>

const maxApps = 50

/** Scopes of OpenID Connect, of APIs that serve the tenant or name the app, and those it has. */
export function registrableScopes({ apis }: Pick<RegisterAppPorts, 'apis'>, tenant: string, app?: App) {
  const names = ({ callableBy = [] }: Api) => app !== undefined && callableBy.includes(app.id)
  const has = ({ scopes }: Api) => app?.scopes.some((scope) => Object.hasOwn(scopes, scope)) === true
  const serving = apis.filter((api) => servesUsersOf(api, tenant) || names(api) || has(api))
  return [...new Set([...identityScopeNames, ...serving.flatMap(({ scopes }) => Object.keys(scopes))])]
}

/** Limited to the developer's tenant and users who consent; only an operator can widen that. */
export async function registerApp(ports: RegisterAppPorts, session: Session, draft: AppDraft): Promise<App> {
  const mine = await ownApps(ports, session)
  if (mine.length >= maxApps)
    throw new AppRefused([{ field: 'name', message: `cannot be registered: you have ${maxApps} apps already` }])
  const app: App = {
    ...(await checked(ports, session.tenant, draft, undefined)),
    id: `app${ports.random(12).toString('hex')}`,
    tenants: [session.tenant],
    firstParty: false,
    owner: { tenant: session.tenant, userId: session.userId },
    secrets: [],
    keys: [],
    createdAt: ports.now(),
    revision: 0,
  }
  if (!(await ports.apps.create(app))) throw new GatehouseError('server_busy', 'the ID of a new app is taken')
  ports.appRegistry.forget(app.id)
  const { names: _, ...values } = changedSettings(undefined, app)
  await auditApp(ports, session, app, { action: 'app.registered', details: { kind: app.kind }, ...values })
  return app
}

/**
 * Throws `fresh_sign_in_required` for addresses and access rules.
 * @param draftOf the new settings; the kind cannot change
 */
export function changeApp(ports: RegisterAppPorts, actor: AppActor, id: string, draftOf: (app: App) => AppDraft) {
  const apply = async (app: App): Promise<App> => {
    const draft = draftOf(app)
    if (draft.kind !== app.kind)
      throw new AppRefused([{ field: 'kind', message: `stays ${app.kind}: register another app` }])
    if ('app' in actor) assertOwnChange(app, draft)
    if (changesAny(guardedSettings, app, draft)) await requireStepUpOfActor(ports, actor)
    return { ...app, ...(await checked(ports, tenantOf(actor), draft, app)) }
  }
  return changeOwnApp(ports, actor, id, { action: 'app.changed', apply })
}

export async function removeApp(ports: RegisterAppPorts, session: Session, id: string): Promise<void> {
  const app = await ownApp(ports, session, id)
  await requireStepUpOfActor(ports, session)
  // before the app: a failed deletion can be repeated
  await ports.consents.forgetApp(id)
  const removed = await ports.apps.remove(id)
  ports.appRegistry.forget(id)
  if (!removed) return
  await ports.consents.forgetApp(id) // consents given meanwhile
  const { names: _, ...values } = changedSettings(app, undefined)
  await auditApp(ports, session, app, { action: 'app.removed', details: { name: app.name }, ...values })
}

/** Settings of the destinations of users and codes, and of the permitted users. */
const guardedSettings = [
  ...(['redirectUris', 'postLogoutRedirectUris', 'backchannelLogoutUri', 'allow', 'allowPerTenant'] as const),
] as const

function changesAny(names: readonly (keyof AppDraft)[], app: App, draft: AppDraft): boolean {
  return changedNames(names, app, draft).length > 0
}

function changedNames(names: readonly (keyof AppDraft)[], app: App, draft: AppDraft): readonly string[] {
  return names.filter((name) => JSON.stringify(draft[name]) !== JSON.stringify(app[name]))
}

/** Settings that only the owner may change: not the app itself. Throws `app_owner_only`. */
function assertOwnChange(app: App, draft: AppDraft): void {
  const { restrictRedirectUrisToOwner: restricts } = settingsOf(app)
  const uris = restricts ? (['redirectUris', 'postLogoutRedirectUris'] as const) : []
  const own = ['restrictRedirectUrisToOwner', 'mfa', 'allow', 'allowPerTenant', ...uris] as const
  const changed = changedNames(own, app, draft)
  if (changed.length === 0) return
  throw new GatehouseError('app_owner_only', `the app may not change its own ${changed.join(', ')}`, {
    text: `Only the owner of the app may change ${changed.join(', ')}.`,
  })
}

const tenantOf = (actor: AppActor) => ('app' in actor ? (actor.app.owner?.tenant ?? '') : actor.tenant)

async function checked(ports: RegisterAppPorts, tenant: string, draft: AppDraft, before: App | undefined) {
  const faults = faultsOf(draft, registrableScopes(ports, tenant, before))
  if (faults.length > 0) throw new AppRefused(faults)
  if (draft.name !== before?.name) assertNameNotMisleading(ports, draft.name)
  assertSigningAlgorithm(ports, draft)
  const { name, kind, backchannelLogoutUri, redirectUris, postLogoutRedirectUris, scopes, pkce } = draft
  const settings = { ...allSettings(draft), ...canonicalAccess(draft), pkce: pkce ?? 'required' }
  const logo = draft.logoUri === before?.logoUri ? before?.logoUri : await fetchAppLogo(ports, draft.logoUri)
  return {
    name: name.trim(),
    kind,
    logoUri: logo,
    backchannelLogoutUri,
    ...settings,
    redirectUris: [...new Set(redirectUris)],
    postLogoutRedirectUris: [...new Set(postLogoutRedirectUris)],
    scopes: [...new Set(scopes)],
  }
}

function assertSigningAlgorithm({ signingAlgorithms }: RegisterAppPorts, draft: AppDraft): void {
  const { idTokenSignedResponseAlg: wanted } = settingsOf(draft)
  if (signingAlgorithms.includes(wanted)) return
  const message = `needs ${wanted}; this service signs with ${signingAlgorithms.join(', ')}`
  throw new AppRefused([{ field: draft.idTokenSignedResponseAlg ? 'idTokenSignedResponseAlg' : 'profile', message }])
}

/** The name is on the consent page: it must not look like an app, tenant, API or brand. */
function assertNameNotMisleading(ports: RegisterAppPorts, name: string): void {
  const fault = (message: string) => new AppRefused([{ field: 'name', message }])
  const other = mistakenFor(name, reservedNames(ports))
  if (other !== undefined)
    throw fault(
      `must not be or resemble “${other}”, the name of a tenant, app, API or brand: choose another, such as Shop`,
    )
  if (mixesScripts(name)) throw fault('must not mix letters of several alphabets in one word')
}

function reservedNames({ appRegistry, publicUrl, connections, apis }: RegisterAppPorts): readonly string[] {
  const { hostname } = publicUrl
  const hosts = hostname
    .split('.')
    .flatMap((_, index, labels) => (index < labels.length - 1 ? [labels.slice(index).join('.')] : []))
  return [
    ...brandNames,
    hostname,
    ...hosts,
    ...[...appRegistry.declared.values()].map((app) => app.name),
    ...connections.tenants().flatMap(({ id, name }) => [id, name]),
    ...apis.map((api) => api.name),
  ]
}

async function fetchAppLogo({ appLogos }: RegisterAppPorts, logo: string | undefined): Promise<string | undefined> {
  if (logo === undefined) return undefined
  const read = readLogo(logo)
  return read.ok ? read.logoUri : appLogos.fetch(logo)
}
