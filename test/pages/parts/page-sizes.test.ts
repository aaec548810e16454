/** Pages stay small: a phone on a slow network shows them at once. */
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { apiSections } from '../../../src/web/api/openapi/openapi.ts'
import { errorsPage } from '../../../src/web/api/reference/errors-page.tsx'
import { indexPage } from '../../../src/web/api/reference/index-page.tsx'
import { sectionPage } from '../../../src/web/api/reference/section-page.tsx'
import { accountPages, mailedDeletionPage } from '../../support/pages/account-samples.ts'
import { adminAppPages } from '../../support/pages/admin-apps-samples.ts'
import { adminUserPages } from '../../support/pages/admin-users-samples.ts'
import { auditPages } from '../../support/pages/audit-samples.ts'
import { configurationPages } from '../../support/pages/configuration-samples.ts'
import { connectionPages } from '../../support/pages/connection-samples.ts'
import { developerPages } from '../../support/pages/developer-samples.ts'
import { factorPages } from '../../support/pages/factor-samples.ts'
import { keysPages } from '../../support/pages/keys-samples.ts'
import { overviewPages } from '../../support/pages/overview-samples.ts'
import { samplePages } from '../../support/pages/samples.ts'
import { settingsPages } from '../../support/pages/settings-samples.ts'
import { signInPages } from '../../support/pages/sign-in-samples.ts'
import { stepUpPages } from '../../support/pages/step-up-samples.ts'

const maxBytes = 5000

const viewer = {
  tenant: { name: 'Acme Robotics' },
  name: 'Ada Lovelace',
  email: 'ada.lovelace@acme.test',
  isAdministrator: true,
  isDeveloper: true,
}
const api = { sections: apiSections, viewer }

const pages: Readonly<Record<string, string>> = {
  ...samplePages(),
  ...accountPages(),
  'mailed-deletion': mailedDeletionPage(),
  ...factorPages(),
  ...stepUpPages(),
  ...settingsPages(),
  ...developerPages(),
  ...overviewPages(),
  ...connectionPages(),
  ...signInPages(),
  ...adminUserPages(),
  ...adminAppPages(),
  ...auditPages(),
  ...keysPages(),
  ...configurationPages(),
  '/api': indexPage({ ...api, documentHref: '/api/v1/openapi.json' }),
  '/api/errors': errorsPage(api),
  ...Object.fromEntries(
    apiSections.map((section) => [
      `/api/${section.id}`,
      sectionPage({ ...api, section, origin: 'https://login.acme.test', tenant: 'acme' }),
    ]),
  ),
}

describe('a page', () => {
  it.each(Object.entries(pages))('%s has at most 5 kB, compressed', (_, html) => {
    expect(gzipSync(html).length).toBeLessThanOrEqual(maxBytes)
  })
})
