/** `gatehouse keys list|rotate|retire`. Running processes see a change within 30 seconds. */
import { deploymentTenant, recordAudit } from '../broker/audit.ts'
import { activatableAt, activateNextKeys, type KeyPolicy, nextChangeAt, retired } from '../broker/keys/key-lifecycle.ts'
import { inSigningOrder, type SigningKeyPorts, updateKeys } from '../broker/keys/signing-keys.ts'
import type { SigningKey } from '../broker/ports/durable.ts'
import type { Core } from '../main/core.ts'
import { jsonText, withCore } from './open.ts'
import type { Options } from './options.ts'

export const listKeys = withCore(async (core, options) =>
  shown(options, await updateKeys(partsOf(core)), core.keyPolicy),
)

/** Activates the next keys. Without --now, throws while apps may not know them yet. */
export const rotateKeys = withCore(async (core, options) => {
  const parts = partsOf(core)
  const now = core.parts.now()
  const next = (await updateKeys(parts)).filter(({ status }) => status === 'next')
  const ripe = new Date(Math.max(...next.map((key) => activatableAt(key, core.keyPolicy).getTime())))
  if (ripe > now && !options.now)
    throw new Error(
      `nothing was changed: the next keys are published since ${timeText(next[0]?.createdAt)}, and apps may not know them before ${timeText(ripe)}. Rotate then, or use --now`,
    )
  const keys = await updateKeys(parts, (stored) => (isUnchanged(stored, next) ? activateNextKeys(stored, now) : stored))
  if (next.length > 0) await auditKeys(core, 'signing_keys.rotated', next.map(({ id }) => id).join(' '))
  return shown(options, keys, core.keyPolicy)
})

/** Retires one key; its tokens stay valid. With --now it is not published any more. */
export const retireKey = withCore(async (core, options) => {
  const [id] = options.words
  if (id === undefined) throw new Error('name the key: gatehouse keys list shows them')
  const parts = partsOf(core)
  const key = (await updateKeys(parts)).find((each) => each.id === id)
  if (key === undefined) throw new Error(`there is no key ${id}: gatehouse keys list shows them`)
  if (key.status === 'retired' && !options.now)
    throw new Error(
      `${id} is retired, and published until ${timeText(nextChangeAt(key, [key], core.keyPolicy))}. With --now it is removed at once, and its tokens are rejected`,
    )
  const keys = await updateKeys(parts, (stored) => without(stored, id, options.now === true, core.parts.now()))
  await auditKeys(core, 'signing_keys.retired', id)
  return shown(options, keys, core.keyPolicy)
})

function auditKeys({ parts }: Core, action: 'signing_keys.rotated' | 'signing_keys.retired', keys: string) {
  return recordAudit(parts, {
    tenant: deploymentTenant,
    action,
    actor: 'cli',
    target: 'signing keys',
    details: { keys },
  })
}

/** A next key has signed nothing, so it is removed. */
function without(keys: readonly SigningKey[], id: string, now: boolean, at: Date): readonly SigningKey[] {
  return keys.flatMap((key) => {
    if (key.id !== id) return [key]
    if (key.status === 'next' || now) return []
    return [key.status === 'active' ? retired(key, at) : key]
  })
}

/** Concurrent rotations rotate once. */
function isUnchanged(stored: readonly SigningKey[], next: readonly SigningKey[]): boolean {
  return next.every(({ id }) => stored.some((key) => key.id === id && key.status === 'next'))
}

function partsOf({ storage, keyRing, keyPolicy, parts }: Core): SigningKeyPorts {
  return { store: storage.durable.signingKeys, keyRing, policy: keyPolicy, now: parts.now }
}

function shown({ json }: Options, stored: readonly SigningKey[], policy: KeyPolicy): string {
  const keys = inSigningOrder(stored)
  return json ? jsonOf(keys, policy) : tableOf(keys, policy)
}

function jsonOf(keys: readonly SigningKey[], policy: KeyPolicy): string {
  const views = keys.map((key) => {
    const { id, algorithm, status, createdAt, activatedAt, retiredAt } = key
    return { id, algorithm, status, createdAt, activatedAt, retiredAt, changesAt: nextChangeAt(key, keys, policy) }
  })
  return jsonText(views)
}

const nextStateLabels = { next: 'signs from', active: 'signs until', retired: 'published until' } as const

function tableOf(keys: readonly SigningKey[], policy: KeyPolicy): string {
  const rows = keys.map((key) => [
    key.id,
    key.algorithm,
    key.status,
    timeText(key.createdAt),
    timeText(key.activatedAt),
    `${nextStateLabels[key.status]} ${timeText(nextChangeAt(key, keys, policy), 'you rotate')}`,
  ])
  const table = [['key', 'algorithm', 'status', 'created', 'signs since', 'then'], ...rows]
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? []
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** To the minute, in UTC. */
function timeText(at: Date | undefined, otherwise = '-'): string {
  return at === undefined ? otherwise : `${at.toISOString().slice(0, 16).replace('T', ' ')}Z`
}
