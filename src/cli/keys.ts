/** `gatehouse keys list|rotate|retire`. Running processes see a change within 30 seconds. */
import { type ChangeKeysPorts, retireSigningKey, rotateSigningKeys } from '../broker/keys/change-keys.ts'
import { type KeyPolicy, nextChangeAt } from '../broker/keys/key-lifecycle.ts'
import { inSigningOrder, updateKeys } from '../broker/keys/signing-keys.ts'
import type { SigningKey } from '../broker/ports/durable.ts'
import type { Core } from '../main/core.ts'
import { jsonText, withMigratedCore } from './open.ts'
import type { Options } from './options.ts'
import { textTable, timeText } from './text-table.ts'

export const listKeys = withMigratedCore(async (core, options) =>
  shown(options, await updateKeys(portsOf(core)), core.keyPolicy),
)

/** Activates the next keys. Without --now, throws while apps may not know them yet. */
export const rotateKeys = withMigratedCore(async (core, options) => {
  const rotation = await rotateSigningKeys(portsOf(core), { actor: 'cli', now: options.now === true })
  if (rotation.outcome === 'early')
    throw new Error(
      `nothing was changed: the next keys are published since ${timeText(rotation.publishedAt)}, and apps may not know them before ${timeText(rotation.at)}. Rotate then, or use --now`,
    )
  return shown(options, rotation.keys, core.keyPolicy)
})

/** Retires one key; its tokens stay valid. With --now it is not published any more. */
export const retireKey = withMigratedCore(async (core, options) => {
  const [id] = options.words
  if (id === undefined) throw new Error('name the key: gatehouse keys list shows them')
  const retirement = await retireSigningKey(portsOf(core), id, { actor: 'cli', now: options.now === true })
  if (retirement.outcome === 'unknown') throw new Error(`there is no key ${id}: gatehouse keys list shows them`)
  if (retirement.outcome === 'already')
    throw new Error(
      `${id} is retired, and published until ${timeText(retirement.until)}. With --now it is removed at once, and its tokens are rejected`,
    )
  return shown(options, retirement.keys, core.keyPolicy)
})

function portsOf({ storage, keyRing, keyPolicy, parts }: Core): ChangeKeysPorts {
  return { store: storage.durable.signingKeys, keyRing, policy: keyPolicy, now: parts.now, audit: parts.audit }
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
  return textTable([['key', 'algorithm', 'status', 'created', 'signs since', 'then'], ...rows])
}
