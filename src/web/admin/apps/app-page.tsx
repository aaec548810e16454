/** `/admin/apps/:id`: all about one app, without any secret. */
import { type AppAccess, allowLines } from '../../../app/access.ts'
import { settingsOf, writtenSettings } from '../../../app/settings.ts'
import type { Administrator } from '../../../broker/access/target.ts'
import { withQuery } from '../../../http/destination.ts'
import { Notice } from '../../../pages/form.tsx'
import { safeHref } from '../../../pages/layout.tsx'
import { Fact, LinkButton, Section } from '../../../pages/parts.tsx'
import { Scroll } from '../../../pages/scroll.tsx'
import { Time } from '../../../pages/time.tsx'
import { formatDate } from '../../../primitives/time-expression.ts'
import { truncate } from '../../../primitives/untrusted-text.ts'
import { renderAdminPage } from '../admin-layout.tsx'
import { sections } from '../sections.ts'
import { type AppCredentialFacts, type AppRecord, countedConsents } from './app-record.ts'
import { AppState, Owner } from './apps-page.tsx'
import { appHref } from './paths.ts'

export interface AppPageProps {
  readonly by: Administrator
  readonly record: AppRecord
  readonly notice?: string | undefined
  readonly now: Date
}

export function appPage(props: AppPageProps): string {
  const { by, record, notice } = props
  return renderAdminPage({
    section: 'apps',
    title: truncate(record.app.name, 80),
    by,
    tenant: record.app.owner?.tenant,
    children: (
      <>
        <Notice text={notice} />
        <Summary {...props} />
        <Settings {...props} />
        <Credentials {...props} />
        <SignIns {...props} />
      </>
    ),
  })
}

function Summary({ record, now }: AppPageProps) {
  const { app, disabled, consents } = record
  const count = consents >= countedConsents ? `${countedConsents.toLocaleString('en')} or more` : consents
  return (
    <Section id="summary" title="Summary">
      <dl>
        <Fact label="State">
          <AppState {...record} />
          {app.disabledAt !== undefined && (
            <>
              {' '}
              since <Time at={app.disabledAt} now={now} />
            </>
          )}
        </Fact>
        <Fact label="ID">
          <code>{app.id}</code>
        </Fact>
        <Fact label="Kind">{app.kind}</Fact>
        <Fact label="Owner">
          <Owner {...record} />
        </Fact>
        {app.owner !== undefined && (
          <Fact label="Registered">
            <Time at={app.createdAt} />
          </Fact>
        )}
        <Fact label="Users who consented">{count}</Fact>
      </dl>
      {app.owner === undefined ? (
        <p class="small">This app is declared in gatehouse.yaml. Change it there.</p>
      ) : (
        <div class="actions">
          {disabled === 'disabled' ? (
            <LinkButton href={`${appHref(app.id)}/enable`} label="Enable" quiet />
          ) : (
            <LinkButton href={`${appHref(app.id)}/disable`} label="Disable" quiet />
          )}
        </div>
      )}
    </Section>
  )
}

function Settings({ record: { app } }: AppPageProps) {
  const { grants: _shown, allow: _rule, allowPerTenant: _rules, ...written } = writtenSettings(app)
  const settings = Object.entries(written).map(([name, value]) => `${name}: ${[value].flat().join(', ')}`)
  return (
    <Section id="settings" title="Settings">
      <dl>
        <Fact label="Redirect URIs">
          <Lines values={app.redirectUris} />
        </Fact>
        <Fact label="After sign-out">
          <Lines values={app.postLogoutRedirectUris} />
        </Fact>
        {app.backchannelLogoutUri !== undefined && (
          <Fact label="Back-channel logout">{truncate(app.backchannelLogoutUri, 300)}</Fact>
        )}
        <Fact label="Tenants">{app.tenants === 'all' ? 'All' : app.tenants.join(', ')}</Fact>
        <Fact label="Who may use it">
          <Access {...app} />
        </Fact>
        <Fact label="Scopes">{app.scopes.join(' ')}</Fact>
        <Fact label="Grants">{settingsOf(app).grants.join(', ')}</Fact>
        <Fact label="First-party">{app.firstParty ? 'Yes: users are not asked for consent' : 'No'}</Fact>
        <Fact label="Other settings">
          <Lines values={settings} />
        </Fact>
      </dl>
    </Section>
  )
}

function Access({ allow, allowPerTenant = {} }: AppAccess) {
  const ofTenants = Object.entries(allowPerTenant)
  const others = ofTenants.length === 0 ? 'Every user of its tenants' : 'Elsewhere every user'
  return (
    <>
      {ofTenants.map(([tenant, rule]) => (
        <div key={tenant}>
          In {tenant}: <Lines values={allowLines(rule)} />
        </div>
      ))}
      {allow === undefined ? others : <Lines values={allowLines(allow)} />}
    </>
  )
}

function Lines({ values }: { readonly values: readonly string[] }) {
  if (values.length === 0) return <>–</>
  return (
    <ul>
      {values.map((value) => (
        <li key={value}>{truncate(value, 300)}</li>
      ))}
    </ul>
  )
}

function Credentials({ record: { app, credentials }, now }: AppPageProps) {
  return (
    <Section id="credentials" title="Credentials">
      {credentials.length === 0 ? (
        <p class="small">None.</p>
      ) : (
        <Scroll label="Table of credentials">
          <table class="records">
            <thead>
              <tr>
                <th scope="col">Credential</th>
                <th scope="col">Created</th>
                <th scope="col">Last used</th>
                <th scope="col">Ends</th>
              </tr>
            </thead>
            <tbody>
              {credentials.map((credential) => (
                <CredentialRow
                  key={`${credential.kind} ${credential.id}`}
                  credential={credential}
                  isDeclared={app.owner === undefined}
                  now={now}
                />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Section>
  )
}

interface CredentialRowProps {
  readonly credential: AppCredentialFacts
  /** The app is in gatehouse.yaml: neither its creation nor its uses are recorded. */
  readonly isDeclared: boolean
  readonly now: Date
}

function CredentialRow({ credential, isDeclared, now }: CredentialRowProps) {
  const { kind, name, createdAt, lastUsedAt, expiresAt } = credential
  const withoutUse = isDeclared ? 'not recorded' : 'Not used yet'
  return (
    <tr>
      <th scope="row">{name === undefined ? `A ${kind}` : `${truncate(name, 80)} (${kind})`}</th>
      <td data-label="Created">{isDeclared ? 'in gatehouse.yaml' : <Time at={createdAt} />}</td>
      <td data-label="Last used">{lastUsedAt === undefined ? withoutUse : <Time at={lastUsedAt} now={now} />}</td>
      <td data-label="Ends">{expiresAt === undefined ? '–' : <Time at={expiresAt} />}</td>
    </tr>
  )
}

function SignIns({ record: { app, days } }: AppPageProps) {
  const shown = days.filter(({ signIns, refusals }) => signIns + refusals > 0).toReversed()
  const total = (value: (day: (typeof days)[number]) => number) =>
    days.reduce((sum, day) => sum + value(day), 0).toLocaleString('en')
  return (
    <Section id="sign-ins" title="Sign-ins of the last 30 days">
      <p>
        {total((day) => day.signIns)} sign-ins, {total((day) => day.refusals)} refused requests.{' '}
        <a href={safeHref(withQuery(sections['sign-ins'].path, { app: app.id, tenant: app.owner?.tenant }))}>
          Traces of this app
        </a>
      </p>
      {shown.length > 0 && (
        <details>
          <summary>By day</summary>
          <Scroll label="Table of days">
            <table class="records">
              <thead>
                <tr>
                  <th scope="col">Day (UTC)</th>
                  <th scope="col">Sign-ins</th>
                  <th scope="col">Refused</th>
                </tr>
              </thead>
              <tbody>
                {shown.map(({ day, signIns, refusals }) => (
                  <tr key={day}>
                    <th scope="row">{formatDate(new Date(day))}</th>
                    <td data-label="Sign-ins">{signIns}</td>
                    <td data-label="Refused">{refusals}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </details>
      )}
    </Section>
  )
}
