/** Passes an email to the next page, sealed: URLs end up in histories and logs. */
import type { KeyRing } from '../../crypto/keyring.ts'
import { type Fields, textField } from '../../http/fields.ts'

const context = 'typed email'

export function sealedEmailQuery(keyRing: KeyRing, email: string | undefined): { readonly email_hint?: string } {
  return email === undefined ? {} : { email_hint: keyRing.seal(email, context).toString('base64url') }
}

/** Undefined where none was passed on, or what came is not ours. */
export function openEmailQuery(keyRing: KeyRing, query: Fields): string | undefined {
  const sealed = textField(query, 'email_hint')
  return sealed === undefined ? undefined : keyRing.open(Buffer.from(sealed, 'base64url'), context)?.content.toString()
}
