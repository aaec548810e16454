/** The pages of a second factor at sign-in. */

import { secondFactorPage } from '../../../src/web/sign-in/second-factor/second-factor-page.tsx'
import { chooseFactorPage, newCodesPage, totpSetupPage } from '../../../src/web/sign-in/second-factor/setup-page.tsx'

/** @param retell replaces user-supplied text */
export function secondFactorSamples(retell: (text: string) => string): Readonly<Record<string, string>> {
  const tenant = { name: retell('Acme Robotics'), supportUrl: '/support' }
  const app = { name: retell('Vault') }
  const signedIn = { name: retell('Ada Lovelace') }
  const hidden = { challenge: retell('kG1w3nWq') }
  const form = { action: '/login/second-factor', hidden, options: '/login/second-factor/passkey-options' }
  const setup = { action: '/login/second-factor/setup', hidden }
  const passkey = { ...setup, options: '/login/second-factor/setup/passkey-options' }
  const cancel = { href: '/login', label: 'Cancel' }
  const error = { title: retell('The code is wrong or was already used'), text: retell('4 tries are left.') }
  const other = (method: 'totp' | 'recovery_code' | 'passkey') => ({
    method,
    href: `/login/second-factor?method=${method}`,
  })
  const enrollment = {
    enrollment: 'kG1w3nWq0y5sZ2bT7uVx4A',
    secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
    uri: 'otpauth://totp/Acme:ada@acme.test?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Acme',
  }
  const codes = Array.from({ length: 10 }, (_, index) => `k7m2p-x9qd${(index % 8) + 2}`)
  const email = retell('ada.lovelace@acme.test')
  return {
    'second-factor': secondFactorPage({
      ...{ tenant, email, method: 'totp', form, cancel, rememberDays: 30 },
      others: [other('recovery_code')],
    }),
    'second-factor-wrong': secondFactorPage({
      ...{ tenant, email, method: 'recovery_code', form, cancel, error },
      others: [other('totp')],
    }),
    'second-factor-passkey': secondFactorPage({
      ...{ tenant, email, method: 'passkey', form, cancel, rememberDays: 30 },
      others: [other('totp'), other('recovery_code')],
    }),
    'second-factor-step-up': secondFactorPage({
      ...{ tenant, email, app, method: 'totp', form, signedIn, others: [] },
      cancel: { href: '/consent/9f2c1e?declined=1', label: 'Continue without it' },
    }),
    'second-factor-choose': chooseFactorPage({ tenant, totp: setup, passkey, cancel }),
    'second-factor-choose-passkey': chooseFactorPage({ tenant, passkey, cancel, error }),
    'second-factor-grace': chooseFactorPage({
      ...{ tenant, totp: setup, cancel },
      postpone: { form: setup, until: '31 Dec 2026' },
    }),
    'second-factor-passkey-needed': chooseFactorPage({ tenant, app, cancel, signedIn }),
    'second-factor-setup': totpSetupPage({ tenant, enrollment, form: setup, back: { href: '/login', label: 'Back' } }),
    'second-factor-setup-wrong': totpSetupPage({
      ...{ tenant, enrollment, form: setup, error },
      back: { href: '/login', label: 'Back' },
    }),
    'second-factor-codes': newCodesPage({ tenant, codes, continueHref: '/account' }),
  }
}
