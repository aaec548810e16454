/** How profiles of several connections, and what the user set, become one. */
import {
  type Attribute,
  attributesOf,
  definedBy,
  type EditableAttribute,
  editableAttributes,
  type Profile,
  type UserProfile,
} from './profile.ts'

/** The connection that supplies the new profile, and all connections of the tenant. */
export interface Speaker {
  readonly connection: string
  /** Default: every connection ever named. */
  readonly connections?: readonly string[] | undefined
  /** When it speaks. Default: what it supplies is not kept by connection. */
  readonly now?: Date | undefined
}

/**
 * Merges a connection's profile into the known one. Missing attributes are kept. A connection may
 * change what it supplied; others fill gaps and replace attributes of removed connections. Email is
 * decided before (`resolveUser`).
 */
export function mergeProfile(older: UserProfile, newer: Profile, speaker: Speaker): UserProfile {
  return withEdits(mergeSupplied(withoutEdits(older), newer, speaker), editsOf(older))
}

function mergeSupplied(older: UserProfile, newer: Profile, speaker: Speaker): UserProfile {
  const { connection, connections } = speaker
  const { sources: before = {}, ...known } = older
  const isFree = (attribute: Attribute) => {
    const owner = before[attribute]
    const isAlive = owner !== undefined && (connections === undefined || connections.includes(owner))
    return attribute === 'email' || owner === connection || !isAlive || known[attribute] === undefined
  }
  const taken = attributesOf(newer).filter((attribute) => newer[attribute] !== undefined && isFree(attribute))
  const changes = definedBy(taken, (attribute) => newer[attribute])
  const sources = definedBy(taken, () => connection)
  return { ...known, ...changes, sources: { ...before, ...sources }, ...suppliedBy(older, newer, speaker) }
}

/** A connection that sends no groups does not change those it sent before. */
function suppliedBy(
  { supplied = {} }: UserProfile,
  { groups, roles }: Profile,
  { connection, now }: Speaker,
): Pick<UserProfile, 'supplied'> {
  if (now === undefined || (groups === undefined && roles === undefined)) return {}
  const permissions = { ...(groups !== undefined && { groups }), ...(roles !== undefined && { roles }) }
  const at = Math.floor(now.getTime() / 1000)
  return { supplied: { ...supplied, [connection]: { ...supplied[connection], ...permissions, at } } }
}

/** After unlinking: groups and roles of the connection are removed, other attributes stay. */
export function withoutConnection(profile: UserProfile, connection: string): UserProfile {
  return withEdits(withoutSupplied(withoutEdits(profile), connection), editsOf(profile))
}

function withoutSupplied(profile: UserProfile, connection: string): UserProfile {
  const { sources = {}, supplied = {}, ...known } = profile
  const { [connection]: _, ...others } = supplied
  const isKept = ([attribute]: readonly [string, unknown]) =>
    !((attribute === 'groups' || attribute === 'roles') && sources[attribute] === connection)
  return {
    ...Object.fromEntries(Object.entries(known).filter(isKept)),
    sources: Object.fromEntries(Object.entries(sources).filter(([, source]) => source !== connection)),
    ...(Object.keys(others).length > 0 && { supplied: others }),
  }
}

/** The source of attributes that the user set. */
export const ownSource = 'user'

export type ProfileEdits = Readonly<Partial<Record<EditableAttribute, string>>>

export function editsOf(profile: UserProfile): ProfileEdits {
  const { edited = {} } = profile
  const names = editableAttributes.filter((name) => Object.hasOwn(edited, name))
  return Object.fromEntries(names.flatMap((name) => (profile[name] === undefined ? [] : [[name, profile[name]]])))
}

/** Applies the user's edits, and keeps the supplied values for a reset. */
export function withEdits(profile: UserProfile, edits: ProfileEdits): UserProfile {
  const base = withoutEdits(profile)
  const names = editableAttributes.filter((name) => edits[name] !== undefined)
  if (names.length === 0) return base
  const { sources = {} } = base
  const edited = Object.fromEntries(
    names.map((name) => {
      const [value, source] = [base[name], sources[name]]
      return [name, { ...(value !== undefined && { value }), ...(source !== undefined && { source }) }]
    }),
  )
  const own = Object.fromEntries(names.map((name) => [name, ownSource]))
  return { ...base, ...edits, sources: { ...sources, ...own }, edited }
}

/** The profile as the connections supply it, without the user's edits. */
export function withoutEdits({ edited, ...profile }: UserProfile): UserProfile {
  if (edited === undefined) return profile
  const names = editableAttributes.filter((name) => Object.hasOwn(edited, name))
  const isKept = ([name]: readonly [string, unknown]) => !names.some((edit) => edit === name)
  const { sources = {}, ...known } = profile
  const values = definedBy(names, (name) => edited[name]?.value)
  return {
    ...Object.fromEntries(Object.entries(known).filter(isKept)),
    ...values,
    sources: {
      ...Object.fromEntries(Object.entries(sources).filter(isKept)),
      ...definedBy(names, (name) => edited[name]?.source),
    },
  }
}
