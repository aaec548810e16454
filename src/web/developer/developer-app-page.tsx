/** `/developer/apps/{id}` and below: one app, in four pages that look like tabs. */

import type { Api, App } from '../../app/app.ts'
import { Form } from '../../pages/form.tsx'
import { AppLogo, safeHref } from '../../pages/layout.tsx'
import { Section } from '../../pages/parts.tsx'
import type { Viewer } from '../../pages/site/viewer.ts'
import { AppKeys, type NewKey } from './app-keys-section.tsx'
import { kindLabel } from './app-kinds.ts'
import { AppOverview, type OverviewProps } from './app-overview.tsx'
import { ClientSecrets, type PageSecrets } from './client-secrets-section.tsx'
import { AppFields, type AppFormProps, appFieldLabels } from './developer-app-form.tsx'
import { asSentences, FaultsSummary, firstFaulty, TextField } from './developer-fields.tsx'
import { developerLayout } from './developer-layout.tsx'
import { type AppTab, appPath, appTabNames, appTabPath, appTabs, developerPath } from './paths.ts'
import { placedFaults, requirementLabels, SecurityFields, securityFieldLabels } from './security-fields.tsx'

export interface AppPageProps extends AppFormProps, Omit<OverviewProps, 'app'> {
  readonly tab: AppTab
  readonly viewer: Viewer
  readonly app: App
  readonly apis: readonly Api[]
  readonly signingAlgorithms: readonly string[]
  /** Undefined where the app cannot keep one. */
  readonly secrets: PageSecrets | undefined
  /** Key or secret → when it was last used. */
  readonly uses: ReadonlyMap<string, Date>
  readonly now: Date
  /** Typed values of the forms of keys. */
  readonly typed?: Readonly<Record<string, string>> | undefined
  /** Just created: its private key is shown this once. */
  readonly newKey?: NewKey | undefined
  readonly notice?: string | undefined
}

export function appPage(given: AppPageProps): string {
  const props = { ...given, faults: asSentences(given.faults, subjects) }
  const { app, viewer, tab, faults, notice } = props
  return developerLayout({
    title: tab === 'overview' ? app.name : `${appTabs[tab].label} – ${app.name}`,
    viewer,
    above: [{ href: developerPath, label: 'Your apps' }],
    crumb: app.name,
    notice,
    failed: faults.length > 0,
    children: (
      <>
        <header class="app-head">
          <AppLogo app={app} />
          <div>
            <h1>{app.name}</h1>
            <p class="small">
              {kindLabel(app)}
              {app.disabledAt !== undefined && ', disabled'}
            </p>
          </div>
        </header>
        <Tabs id={app.id} current={tab} />
        {tabContents[tab](props)}
      </>
    ),
  })
}

function Tabs({ id, current }: { readonly id: string; readonly current: AppTab }) {
  return (
    <nav class="tabs" aria-label="Pages of this app">
      <ul>
        {appTabNames.map((tab) => (
          <li key={tab}>
            <a href={safeHref(appTabPath(id, tab))} aria-current={tab === current ? 'page' : undefined}>
              {appTabs[tab].label}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

const tabContents = {
  overview: AppOverview,
  settings: Settings,
  credentials: Credentials,
  danger: DangerZone,
} as const satisfies Readonly<Record<AppTab, unknown>>

const { kind: _kind, ...changeable } = appFieldLabels
const settingLabels = { ...changeable, ...securityFieldLabels }

/** Subjects of faults. */
const subjects = {
  ...appFieldLabels,
  ...securityFieldLabels,
  ...requirementLabels,
  ...{ key: 'The public key', madeName: 'The key', jwksUrl: 'The JWKS URL', secret: 'The secret' },
}

function Settings(props: AppPageProps) {
  const { app, values, signingAlgorithms } = props
  const faults = placedFaults(props.faults)
  const focused = firstFaulty(faults, Object.keys(settingLabels))
  const form = { ...props, faults, focused }
  return (
    <Section id="settings" title="Settings">
      <FaultsSummary faults={faults} labels={settingLabels} />
      <Form action={appTabPath(app.id, 'settings')}>
        <AppFields {...form} kind={app.kind} hasLogo={app.logoUri !== undefined} />
        {values.security === 'shown' && (
          <SecurityFields
            {...{ values, faults, focused, signingAlgorithms, kind: app.kind }}
            confidential={props.secrets !== undefined}
          />
        )}
        <button type="submit">Save</button>
      </Form>
    </Section>
  )
}

function Credentials(props: AppPageProps) {
  const { app, secrets } = props
  if (secrets === undefined && app.keys.length === 0)
    return (
      <Section id="no-credentials" title="No credentials needed">
        <p>
          A {kindLabel(app).toLowerCase()} cannot keep a secret: users could read it. It proves itself with PKCE, which
          its library does.
        </p>
      </Section>
    )
  return (
    <>
      {secrets !== undefined && <ClientSecrets {...props} secrets={secrets} path={appPath(app.id)} />}
      <AppKeys {...props} allowed={secrets !== undefined} />
    </>
  )
}

function DangerZone({ app, faults }: AppPageProps) {
  return (
    <Section id="delete" title="Delete this app">
      <p>
        Users can no longer sign in to it. Its secrets, keys, tokens and consents are deleted. You cannot undo this.
      </p>
      <Form action={appTabPath(app.id, 'danger')}>
        <TextField
          {...{ values: {}, faults }}
          focused={firstFaulty(faults, ['confirm'])}
          name="confirm"
          label="Type the name of the app to confirm"
          hint={app.name}
        />
        <button type="submit" class="danger">
          Delete app
        </button>
      </Form>
    </Section>
  )
}
