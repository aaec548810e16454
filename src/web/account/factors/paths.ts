import { withQuery } from '../../../http/destination.ts'
import { accountSections } from '../sections.ts'

export const securityPath = accountSections.security.path
export const totpPath = `${securityPath}/authenticator-app`
export const recoveryCodesPath = `${securityPath}/recovery-codes`
export const replaceCodesPath = `${recoveryCodesPath}/replace`
export const devicesPath = `${securityPath}/devices`

export const authenticatorPath = (id: string, action: 'rename' | 'remove') =>
  `${totpPath}/${encodeURIComponent(id)}/${action}`

/** Notices of these pages about the last action (`?notice=`). */
export const factorNotices = {
  added: 'The authenticator app was added.',
  first: 'The authenticator app was added. Create recovery codes now, in case you lose it.',
  renamed: 'The authenticator app was renamed.',
  removed: 'The authenticator app was removed.',
  forgotten: 'The browser was forgotten. It is asked for the second factor at the next sign-in.',
  'all-forgotten': 'All browsers were forgotten. They are asked for the second factor at the next sign-in.',
  again: 'Confirmed. You can continue.',
} as const

export const noticeHref = (path: string, notice: keyof typeof factorNotices) => withQuery(path, { notice })
