/** One connection in YAML: common keys and the keys of its provider in one map. */

import { z } from 'zod'
import { withDescriptions } from '../../provider/options.ts'
import type { Provider } from '../../provider/provider.ts'
import { browserNames, type ConnectionSettings } from '../../tenant.ts'
import { suggestion } from '../schema/closest-word.ts'
import { day } from '../schema/day.ts'
import { parseAt } from '../schema/parse.ts'
import { knownKeys } from '../schema/shape.ts'
import { domain } from '../schema/text.ts'
import { isMap, quoted, report, type Source } from '../source/source.ts'
import { evidenceRule } from './mfa.ts'
import { profileSchema } from './profile.ts'

export const linkingRule = z.enum(['none', 'verified', 'any'])

export const commonSchema = z.strictObject({
  ...withDescriptions(
    {
      kind: z.string().min(1).optional(),
      label: z.string().min(1).max(60).optional(),
      domains: z.array(domain).max(500).default([]),
      button: z.boolean().default(true),
      hidden: z.boolean().exactOptional(),
      browsers: z.array(z.enum(browserNames)).min(1).exactOptional(),
      createUsers: z.boolean().default(true),
      linking: linkingRule.exactOptional(),
      secretExpires: day.exactOptional(),
      mfaEvidence: evidenceRule.exactOptional(),
    },
    {
      kind: 'Kind of upstream. Default: the ID of the connection.',
      label: "Text of the button, at most 60 characters. Default: the brand's own wording.",
      domains:
        'Email domains whose users are sent straight here, and for whose addresses the connection may speak. Apps see other addresses as not verified. Default: none.',
      button: 'Show a button; false: reached by email domain or direct link only. Default true.',
      hidden: 'Reached by direct link only: no button, and emails of its domains do not lead here. Default false.',
      browsers:
        'Offer it in these browsers only: chrome, edge, firefox, safari. Elsewhere it has no button, and emails do not lead here; a direct link works everywhere. Default: all browsers.',
      createUsers: 'Unknown users get a user at their first login. Default true.',
      secretExpires:
        'Day on which the client secret ends at the upstream, such as 2027-03-01: admins are warned 60, 30, 14, 7 and 1 days before. Default: not known.',
      mfaEvidence:
        "When the upstream's answer counts as multi-factor, so that Gatehouse asks for no factor of its own: a map of acr and amr, any listed value of which suffices; or none, for never. Default: the well-known values, such as amr mfa, or two kinds of amr as pwd and otp.",
      linking:
        "Who may add further sign-in methods to a user of this connection, or add this connection to a user: none, verified (both have the same proven email) or any. Default: the tenant's linking.",
    },
  ),
  profile: profileSchema,
})

/** Keys of connections of the deployment, without `domains`, which belong to one tenant. */
export const sharedCommonSchema = commonSchema.omit({ domains: true })

export interface ConnectionEntry {
  readonly source: Source
  readonly id: string
  readonly given: unknown
  readonly providers: readonly Provider[]
  /** Connections that `shared` can name; undefined in gatehouse.yaml itself. */
  readonly shared: ReadonlyMap<string, ConnectionSettings | null> | undefined
}

/** Null when it is faulty; the faults are reported. */
export function connectionOf(connection: ConnectionEntry): ConnectionSettings | null {
  const { source, id, given, shared } = connection
  const path = ['connections', id]
  if (typeof given === 'string' && source.originOf(path) === 'spoiled') return null
  if (given === 'shared' && shared !== undefined) return sharedConnection(source, id, shared)
  // "password:" with nothing below: all defaults
  if (given === null) return ownConnection(connection, {})
  if (isMap(given)) return ownConnection(connection, given)
  report(source, path, `must be a map of keys${shared === undefined ? '' : ', or the word shared'}`)
  return null
}

function sharedConnection(source: Source, id: string, shared: ReadonlyMap<string, ConnectionSettings | null>) {
  const settings = shared.get(id)
  if (settings === undefined)
    report(
      source,
      ['connections', id],
      `gatehouse.yaml shares no connection ${id}; ${suggestion(id, [...shared.keys()])}`,
    )
  // a copy, so that caches by connection object are separate for each tenant
  return settings ? { ...settings, noDomains: 'shared' as const } : null
}

function ownConnection({ source, id, providers, shared }: ConnectionEntry, given: Readonly<Record<string, unknown>>) {
  const path = ['connections', id]
  const schema = shared === undefined ? sharedCommonSchema : commonSchema
  const commonKeys = knownKeys(schema)
  const pick = (wanted: boolean) =>
    Object.fromEntries(Object.entries(given).filter(([key]) => commonKeys.includes(key) === wanted))
  const common = parseAt(schema, source, path, pick(true))
  const provider = providerOf(source, id, given['kind'], providers)
  if (provider === undefined) return null
  const before = source.faults.length
  const { recheck, ...others } = pick(false)
  const canRecheck = provider.recheckSeconds !== undefined
  const own = canRecheck && recheck !== undefined ? { ...others, recheck } : others
  if (!canRecheck && recheck !== undefined) report(source, [...path, 'recheck'], noRecheck(provider, providers))
  const config: unknown = parseAt(provider.config, source, path, own, commonKeys)
  const [, form] = formKinds.find(([kind]) => kind === provider.kind) ?? []
  if (form !== undefined) refuseDisplayRules(source, path, given, form)
  // undefined without a new fault: a value that could not be filled in was reported before
  if (common === undefined || config === undefined || source.faults.length > before) return null
  const domains = 'domains' in common && Array.isArray(common.domains) ? common.domains : []
  const { label, profile } = common
  const recheckSeconds = provider.recheckSeconds?.(config)
  const settings = {
    ...common,
    id,
    kind: provider.kind,
    label,
    domains: [...new Set<string>(domains)],
    ...('domains' in given && domains.length === 0 && { noDomains: 'chosen' as const }),
    profile,
    config,
  }
  return { ...settings, ...(recheckSeconds !== undefined && { recheckSeconds }) }
}

function noRecheck({ kind }: Provider, providers: readonly Provider[]): string {
  const kinds = providers.filter(({ recheckSeconds }) => recheckSeconds !== undefined).map((each) => each.kind)
  return `is not for the kind ${kind}, which gives no refresh token; remove it (${kinds.join(', ')} can be re-checked)`
}

const formKinds = [
  ['password', 'passwords, which have'],
  ['email', 'sign-in by email, which has'],
] as const

function refuseDisplayRules(
  source: Source,
  path: readonly string[],
  given: Readonly<Record<string, unknown>>,
  form: string,
): void {
  for (const key of ['hidden', 'browsers'])
    if (key in given) report(source, [...path, key], `is not for ${form} a form and no button; remove it`)
}

function providerOf(source: Source, id: string, given: unknown, providers: readonly Provider[]): Provider | undefined {
  // reported by the common schema
  if (given !== undefined && (typeof given !== 'string' || given === '')) return undefined
  const kind = given ?? id
  const provider = providers.find((each) => each.kind === kind)
  if (provider !== undefined) return provider
  const kinds = providers.map((each) => each.kind)
  const path = given === undefined ? ['connections', id] : ['connections', id, 'kind']
  if (given === undefined) report(source, path, `its ID is not a known kind: add kind; ${suggestion(kind, kinds)}`)
  else if (source.originOf(path) !== 'spoiled')
    report(source, path, `unknown kind ${quoted(source, path, kind)}; ${suggestion(kind, kinds)}`)
  return undefined
}
