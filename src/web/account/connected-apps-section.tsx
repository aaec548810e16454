import type { Consent } from '../../broker/ports/durable.ts'
import { ActionForm } from '../../pages/form.tsx'
import { Section } from '../../pages/parts.tsx'
import { Time } from '../../pages/time.tsx'

const listFormat = new Intl.ListFormat('en', { type: 'conjunction' })

export interface AccountApp extends Pick<Consent, 'appId' | 'firstGrantedAt' | 'grantedAt'> {
  readonly name: string
  /** What it may see and do, each ending "It may …". */
  readonly sentences: readonly string[]
  /** The organization's own, which the user was not asked about. */
  readonly firstParty?: boolean
}

interface AppsProps {
  /** In the order to show them. */
  readonly apps: readonly AccountApp[]
  readonly now: Date
}

export function Apps({ apps, now }: AppsProps) {
  return (
    <Section id="apps" title="Connected apps">
      {apps.length === 0 ? (
        <p class="small">You haven't connected any apps yet.</p>
      ) : (
        <ul class="sessions">
          {apps.map((app) => (
            <AppRow key={app.appId} app={app} now={now} />
          ))}
        </ul>
      )}
    </Section>
  )
}

function AppRow({ app, now }: { readonly app: AccountApp; readonly now: Date }) {
  return (
    <li>
      <div>
        <h3>{app.name}</h3>
        <p class="small">It can {listFormat.format(app.sentences)}.</p>
        <p class="small">
          {app.firstParty && 'From your organization, '}
          <span class="whole">
            {app.firstParty ? 'first used ' : 'Access granted '}
            <Time at={app.firstGrantedAt} now={now} />
          </span>
          {!app.firstParty && app.grantedAt.getTime() !== app.firstGrantedAt.getTime() && (
            <>
              {', '}
              <span class="whole">
                renewed <Time at={app.grantedAt} now={now} />
              </span>
            </>
          )}
        </p>
      </div>
      <ActionForm
        action="/account/apps/revoke"
        hidden={{ app: app.appId }}
        label="Revoke"
        object={`access of ${app.name}`}
      />
    </li>
  )
}
