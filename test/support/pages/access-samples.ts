/** Pages of access rules, account recovery and undo links, as the axe tests render them. */

import { accessRefusedPage } from '../../../src/web/consent/access-refused-page.tsx'
import {
  cancelPage,
  checkRecoveryMailPage,
  completePage,
  pendingPage,
  proveMethodPage,
  recoveryDonePage,
  recoveryUnavailablePage,
  sendConfirmationPage,
  startRecoveryPage,
} from '../../../src/web/recovery/recover-pages.tsx'
import { undonePage, undoPage } from '../../../src/web/recovery/undo-page.tsx'

export function accessSamples(retell: (text: string) => string): Readonly<Record<string, string>> {
  const tenant = { name: retell('Acme Robotics') }
  const person = { name: retell('Ada Lovelace'), email: retell('ada.lovelace@acme.test') }
  const refused = {
    tenant,
    app: { name: retell('Example Shop') },
    person,
    reference: retell('7K2M-Q9XD'),
    switchHref: '/login?prompt=login',
  }
  const missing = {
    groups: [retell('sales'), retell('support')],
    roles: [retell('editor')],
    emailDomains: [retell('acme.test')],
    listedEmails: true,
    unprovenEmail: person.email,
  }
  const groupOnly = { ...missing, roles: [], emailDomains: [], listedEmails: false, unprovenEmail: undefined }
  const recover = { tenant, delay: '24 hours', backHref: '/login' }
  const undo = { tenant, effect: `“${retell('Phone')}” will be removed` }
  return {
    undo: undoPage({
      ...undo,
      changedAt: new Date('2026-11-12T09:05:00Z'),
      now: new Date('2026-11-14T09:05:00Z'),
      form: { action: '/account/undo', hidden: { code: retell('9f2c1e') } },
    }),
    'recover-other-method': proveMethodPage({
      ...recover,
      methods: [
        {
          ...{ id: 'okta', href: '/t/acme/okta/start', lastUsed: false },
          ...{ label: `Sign in with ${retell('Okta')}`, logoPath: '/logos/okta.svg' },
        },
      ],
    }),
    'recover-send': sendConfirmationPage({ ...recover, form: { action: '/login/recover' } }),
    'recover-off': recoveryUnavailablePage({ ...recover, tenant: { ...tenant, supportUrl: '/support' } }),
    'recover-mail': checkRecoveryMailPage({ tenant, again: { action: '/login/recover', hidden: { challenge: 'c' } } }),
    'recover-start': startRecoveryPage({ tenant, delay: '24 hours', form: { action: '/login/recover/confirm' } }),
    'recover-wait': pendingPage({
      tenant,
      effectiveAt: new Date('2026-11-15T09:05:00Z'),
      now: new Date('2026-11-14T09:05:00Z'),
      signInHref: '/login',
    }),
    'recover-complete': completePage({ tenant, form: { action: '/account/recovery' } }),
    'recover-cancel': cancelPage({ tenant, form: { action: '/account/recovery' } }),
    'recover-done': recoveryDonePage({ tenant, outcome: 'completed', signInHref: '/login' }),
    'recover-canceled': recoveryDonePage({ tenant, outcome: 'canceled', signInHref: '/login' }),
    undone: undonePage({
      tenant,
      effect: `“${retell('Phone')}” was removed`,
      signInHref: '/login',
      resetHref: '/forgot',
    }),
    'access-refused': accessRefusedPage({
      ...refused,
      missing,
      contacts: [retell('grace@acme.test')],
      form: { action: '/consent/9f2c1e', hidden: { session: retell('9f2c1e') } },
    }),
    'access-refused-behind-proxy': accessRefusedPage({
      ...refused,
      tenant: { ...tenant, supportUrl: '/support' },
      missing: groupOnly,
      contacts: [],
    }),
  }
}
