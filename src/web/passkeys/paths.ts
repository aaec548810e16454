import { withQuery } from '../../http/destination.ts'

export const passkeysPath = '/account/security/passkeys'
export const passkeyPath = (id: string, step?: 'confirm' | 'remove' | 'rename') =>
  `${passkeysPath}/${encodeURIComponent(id)}${step === undefined ? '' : `/${step}`}`

export const creationOptionsPath = `${passkeysPath}/options`
export const offerPath = '/login/passkey/offer'
export const offerHref = (returnTo: string) => withQuery(offerPath, { return_to: returnTo })
