/** The pages of `/account/security/password`; `retell` replaces text of users. */
import { passwordPage } from '../../../../src/web/account/password/password-page.tsx'

export function passwordPages(retell = (text: string) => text): Readonly<Record<string, string>> {
  const password = {
    viewer: { tenant: { name: retell('Acme Robotics') }, name: retell('Ada Lovelace'), isAdministrator: false },
    email: retell('ada.lovelace@acme.test'),
    exists: true,
    rule: 'Use at least 15 characters. Avoid common passwords, keyboard patterns, and your name or email.',
    minimumLength: 15,
    isFresh: false,
    signInAgainHref: '/login?prompt=login',
  }
  return {
    'password-change': passwordPage(password),
    'password-asked': passwordPage({ ...password, isFresh: true, notNowHref: '/account', returnTo: '/account' }),
    'password-wrong': passwordPage({
      ...password,
      error: { title: retell('The current password is wrong'), text: retell('Try again.'), field: 'currentPassword' },
    }),
    'password-first': passwordPage({ ...password, exists: false, isFresh: true }),
    'password-first-stale': passwordPage({ ...password, exists: false }),
  }
}
