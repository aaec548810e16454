/** `gatehouse apps list`, `show`, `disable` and `enable`. */
import type { App } from '../app/app.ts'
import { settingsOf, writtenSettings } from '../app/settings.ts'
import { setAppDisabled } from '../broker/apps/disable-app.ts'
import { disabledReason } from '../broker/apps/registry.ts'
import type { Core } from '../main/core.ts'
import { jsonText, withMigratedCore } from './open.ts'
import type { Options } from './options.ts'
import { labeledText } from './text-table.ts'

const actor = 'cli'

export const listApps = withMigratedCore(async ({ parts }, { json }) => {
  const found = [...parts.appRegistry.declared.values(), ...(await parts.apps.all())]
  const apps = await Promise.all(found.map(async (app) => ({ app, state: await stateOf(parts, app) })))
  if (json) return jsonText(apps.map(({ app, state }) => ({ ...viewOf(app), state })))
  const lines = apps.map(({ app, state }) => [app.id, app.kind, ownerOf(app), state, app.name].join('  '))
  return lines.length === 0 ? 'there are no apps' : lines.join('\n')
})

export const showApp = withMigratedCore(async ({ parts }, options) => {
  const app = await requireApp(parts, options)
  const { owner } = app
  const user = owner === undefined ? null : await parts.users.find(owner.tenant, owner.userId)
  const uses = [...(await parts.apps.usesOf(app.id)).values()].sort((a, b) => b.getTime() - a.getTime())
  const lines: readonly (readonly [label: string, value: string])[] = [
    ['id', app.id],
    ['name', app.name],
    ['kind', app.kind],
    ['state', await stateOf(parts, app)],
    ['owner', [ownerOf(app), user?.profile.email?.address ?? ''].join(' ').trim()],
    ['tenants', app.tenants === 'all' ? 'all' : app.tenants.join(' ')],
    ['scopes', app.scopes.join(' ')],
    ['grants', settingsOf(app).grants.join(' ')],
    ['settings', settingsText(app)],
    ['redirect URIs', app.redirectUris.join(' ')],
    ['secrets, keys', `${app.secrets.length}, ${app.keys.length}`],
    ['last used', uses[0]?.toISOString() ?? 'never'],
    ['registered', owner === undefined ? 'declared in gatehouse.yaml' : app.createdAt.toISOString()],
  ]
  return labeledText(lines.map(([label, value]) => [label, [value]]))
})

export const disableAppCommand = withMigratedCore(async ({ parts }, options) => {
  const { id, name } = await requireDeveloperApp(parts, options)
  const changed = await setAppDisabled(parts, id, actor, true)
  const state = changed ? 'is disabled: sign-ins, secrets, keys and tokens are rejected' : 'was disabled already'
  return `${id} (${name}) ${state}`
})

export const enableAppCommand = withMigratedCore(async ({ parts }, options) => {
  const app = await requireDeveloperApp(parts, options)
  const changed = await setAppDisabled(parts, app.id, actor, false)
  const blocked = (await disabledReason(parts, { ...app, disabledAt: undefined })) !== undefined
  const state = changed ? 'is enabled again' : 'was not disabled'
  const owner = blocked ? '; its owner is blocked, so it stays off until gatehouse users unblock' : ''
  return `${app.id} (${app.name}) ${state}${owner}`
})

type AppsPorts = Core['parts']

async function requireApp(parts: AppsPorts, { words: [id] }: Options): Promise<App> {
  if (id === undefined) throw new Error('name the app by its ID (client_id)')
  const app = parts.appRegistry.declared.get(id) ?? (await parts.apps.find(id))
  if (app === null) throw new Error(`there is no app ${id}: gatehouse apps list shows them`)
  return app
}

async function requireDeveloperApp(parts: AppsPorts, options: Options): Promise<App> {
  const app = await requireApp(parts, options)
  if (app.owner === undefined) throw new Error(`${app.id} is declared in gatehouse.yaml: remove it there`)
  return app
}

async function stateOf(parts: AppsPorts, app: App): Promise<string> {
  const off = await disabledReason(parts, app)
  return off === 'disabled' ? `disabled since ${app.disabledAt?.toISOString()}` : (off ?? 'on')
}

const ownerOf = ({ owner }: App) => (owner === undefined ? 'gatehouse.yaml' : `${owner.tenant}/${owner.userId}`)

/** Settings that differ from the defaults, in the form of gatehouse.yaml. */
function settingsText(app: App): string {
  const { grants: _shown, ...set } = writtenSettings(app)
  const written = Object.entries(set).map(([name, value]) => `${name}: ${[value].flat().join(', ')}`)
  return written.length === 0 ? 'the defaults' : written.join('; ')
}

function viewOf({ id, name, kind, owner, tenants, scopes, redirectUris, disabledAt, createdAt }: App) {
  const declared = owner === undefined
  const view = { id, name, kind, owner, tenants, scopes, redirectUris, disabledAt }
  return { ...view, ...(declared ? { declared } : { createdAt }) }
}
