/** Shows, rotates and retires signing keys. */
import { retireSigningKey, rotateSigningKeys } from '../../../broker/keys/change-keys.ts'
import { GatehouseError } from '../../../errors.ts'
import { withQuery } from '../../../http/destination.ts'
import { pathPart } from '../../../http/fields.ts'
import { redirect, sendPage } from '../../../http/respond.ts'
import { absoluteTime } from '../../../pages/time.tsx'
import type { Shell } from '../../shell.ts'
import type { AdminCall } from '../administrator.ts'
import { retirePage, rotatePage } from './confirm-pages.tsx'
import { type KeyStates, keyPortsOf, keyStatesOf, readKeyStates } from './key-states.ts'
import { keysPage } from './keys-page.tsx'
import { keysPath } from './paths.ts'

const notices: Readonly<Record<string, string>> = {
  rotated: 'The next keys sign now. Other processes see it within 30 seconds.',
  retired: 'The key was retired or removed. Other processes see it within 30 seconds.',
}

export async function showKeys({ shell, response, by }: AdminCall, word: string): Promise<void> {
  const notice = Object.hasOwn(notices, word) ? notices[word] : undefined
  sendPage(response, 200, keysPage({ by, ...(await readKeyStates(shell)), notice, now: shell.parts.now() }))
}

export async function showRotate({ shell, response, by }: AdminCall): Promise<void> {
  const { rotatableAt } = await readKeyStates(shell)
  sendPage(response, 200, rotatePage({ by, rotatableAt, now: shell.parts.now() }))
}

export async function showRetire({ shell, request, response, by }: AdminCall): Promise<void> {
  const { keys, rotatableAt } = await readKeyStates(shell)
  const key = keys.find(({ id }) => id === pathPart(request, 'id'))
  if (key === undefined) throw unknownKey()
  sendPage(response, 200, retirePage({ by, key, rotatableAt, now: shell.parts.now() }))
}

export interface ConfirmForm {
  /** The checkbox of the page. */
  readonly now?: '1' | undefined
}

export async function submitRotate({ shell, response, by }: AdminCall, { now }: ConfirmForm): Promise<void> {
  await rotateNow(shell, by.session.userId, now === '1')
  redirect(response, withQuery(keysPath, { notice: 'rotated' }))
}

export async function submitRetire({ shell, request, response, by }: AdminCall, { now }: ConfirmForm): Promise<void> {
  await retireNow(shell, pathPart(request, 'id'), by.session.userId, now === '1')
  redirect(response, withQuery(keysPath, { notice: 'retired' }))
}

/** This process uses the new keys at once. Throws `signing_keys_unchanged`. */
export async function rotateNow(shell: Shell, actor: string, now: boolean): Promise<KeyStates['keys']> {
  const rotation = await rotateSigningKeys(keyPortsOf(shell), { actor, now })
  if (rotation.outcome === 'early')
    throw new GatehouseError('signing_keys_unchanged', 'apps may not know the next keys yet', {
      text: `Nothing was changed: apps may not know the next keys before ${absoluteTime(rotation.at)}. Rotate then, or confirm that it is to be done now.`,
    })
  await shell.signingKeys.maintain()
  return keyStatesOf(rotation.keys, shell.keyPolicy)
}

/** Throws `not_found` and `signing_keys_unchanged`. */
export async function retireNow(shell: Shell, id: string, actor: string, now: boolean): Promise<KeyStates['keys']> {
  const retirement = await retireSigningKey(keyPortsOf(shell), id, { actor, now })
  if (retirement.outcome === 'unknown') throw unknownKey()
  if (retirement.outcome === 'already') {
    const until = retirement.until === undefined ? '' : `, and published until ${absoluteTime(retirement.until)}`
    throw new GatehouseError('signing_keys_unchanged', 'the key is retired already', {
      text: `Nothing was changed: the key is retired already${until}. To remove it at once, confirm that its tokens are to be rejected.`,
    })
  }
  await shell.signingKeys.maintain()
  return keyStatesOf(retirement.keys, shell.keyPolicy)
}

const unknownKey = () =>
  new GatehouseError('not_found', 'no signing key of this ID', { text: 'There is no such signing key.' })
