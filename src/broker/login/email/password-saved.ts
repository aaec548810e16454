/**
 * Tells the browser that asked for an emailed link that the password was saved, in whatever browser
 * the link was opened. It learns nothing else, and is not signed in by it.
 */
import { secretHash } from '../../../crypto/token.ts'
import type { Ports } from '../../ports/core-ports.ts'
import { linkSeconds } from '../password-link.ts'

export interface PendingBrowser {
  readonly tenant: string
  readonly email: string
  /** Hash of the id of the browser that asked. */
  readonly browser: string
}

const purpose = 'password-saved'

const ownerOf = ({ tenant, email, browser }: PendingBrowser) =>
  secretHash(`${tenant}\n${email}\n${browser}`).slice(0, 22)

export function rememberSavedPassword({ codes }: Ports<'codes'>, pending: PendingBrowser): Promise<void> {
  return codes.put({ purpose, owner: ownerOf(pending), hash: 'none', content: { saved: true }, seconds: linkSeconds })
}

export async function isPasswordSaved({ codes }: Ports<'codes'>, pending: PendingBrowser): Promise<boolean> {
  return (await codes.find(purpose, ownerOf(pending))) !== null
}

/** Before another link is requested. */
export function forgetPasswordSaved({ codes }: Ports<'codes'>, pending: PendingBrowser): Promise<void> {
  return codes.forget(purpose, ownerOf(pending))
}
