/** The pages that ask a signed-in user for a factor; `retell` replaces text of users. */
import { stepUpPage } from '../../../src/web/account/step-up/confirm-page.tsx'

export function stepUpPages(retell = (text: string) => text): Readonly<Record<string, string>> {
  const stepUp = {
    viewer: { tenant: { name: retell('Acme Robotics') }, name: retell('Ada Lovelace'), isAdministrator: false },
    isRecent: false,
    form: {
      action: '/account/security/confirm',
      options: '/login/second-factor/passkey-options',
      hidden: { return_to: retell('/account') },
    },
    signInAgainHref: '/login?prompt=login',
    cancelHref: '/account',
  }
  return {
    'step-up': stepUpPage({ ...stepUp, methods: ['totp', 'recovery_code'], continues: true }),
    'step-up-wrong-code': stepUpPage({
      ...stepUp,
      methods: ['totp', 'recovery_code'],
      continues: false,
      error: { title: retell('The code is wrong'), text: retell('Enter a new one.') },
    }),
    'step-up-passkey': stepUpPage({
      ...stepUp,
      isRecent: true,
      methods: ['passkey', 'recovery_code'],
      continues: false,
    }),
    'step-up-sign-in': stepUpPage({ ...stepUp, methods: [], continues: true }),
  }
}
