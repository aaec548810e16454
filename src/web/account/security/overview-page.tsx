/** `/account/security`: what protects the account. */
import { ActionForm } from '../../../pages/form.tsx'
import { Labelled, LinkButton, Section } from '../../../pages/parts.tsx'
import { Time } from '../../../pages/time.tsx'
import { type AccountViewer, accountLayout } from '../account-layout.tsx'

export const cancelRecoveryPath = '/account/security/recovery/cancel'

/** A factor, or another setting of the account, with the page that changes it. */
export interface SecurityItem {
  readonly id: string
  readonly title: string
  /** Such as "2 passkeys". */
  readonly state: string
  /** Whether it protects the account now. */
  readonly on: boolean
  readonly lastUsedAt?: Date | undefined
  /** Undefined while nothing can be changed. */
  readonly href?: string
  /** Such as "Set up". */
  readonly label?: string
}

export interface SecurityEventRow {
  readonly id: string
  /** Text as a sentence. */
  readonly text: string
  readonly at: Date
  /** Such as "Chrome on Linux". */
  readonly device?: string | undefined
  readonly address?: string | undefined
}

export interface SecurityPageProps {
  readonly viewer: AccountViewer
  /** Requirements of the tenant, as sentences. */
  readonly requirements: readonly string[]
  readonly factors: readonly SecurityItem[]
  readonly recovery: readonly SecurityItem[]
  readonly events: readonly SecurityEventRow[]
  /** Time from which the pending recovery may remove all factors. */
  readonly recoveryAt?: Date | undefined
  readonly notice?: string | undefined
  readonly now: Date
}

export function securityPage(props: SecurityPageProps): string {
  const { viewer, requirements, factors, recovery, events, notice, now } = props
  return accountLayout({
    section: 'security',
    viewer,
    notice,
    children: (
      <>
        {props.recoveryAt !== undefined && (
          <div class="message error" role="alert">
            <p>
              <strong>Someone asked to recover this account.</strong>
            </p>
            <p>
              From <Time at={props.recoveryAt} now={now} /> on, all your second factors can be removed. If it was not
              you, cancel it.
            </p>
            <ActionForm action={cancelRecoveryPath} label="Cancel the recovery" />
          </div>
        )}
        {requirements.length > 0 && (
          <div class="message">
            {requirements.map((text) => (
              <p key={text}>{text}</p>
            ))}
          </div>
        )}
        <Section id="factors" title="Signing in">
          <Items items={factors} now={now} />
        </Section>
        <Section id="recovery" title="If you lose a device">
          <Items items={recovery} now={now} />
        </Section>
        <Section id="events" title="Recent security events">
          <p class="small">
            Of the last 90 days. If you do not recognize one, end your sessions and change how you sign in.
          </p>
          {events.length === 0 ? (
            <p class="small">None.</p>
          ) : (
            <ul class="events">
              {events.map(({ id, text, at, device, address }) => (
                <li key={id}>
                  <p>{text}</p>
                  <p class="small">
                    <Time at={at} now={now} />
                    {device !== undefined && `, ${device}`}
                    {address !== undefined && `, from ${address}`}
                  </p>
                </li>
              ))}
            </ul>
          )}
        </Section>
      </>
    ),
  })
}

function Items({ items, now }: { readonly items: readonly SecurityItem[]; readonly now: Date }) {
  return (
    <ul class="sessions">
      {items.map(({ id, title, state, on, lastUsedAt, href, label }) => (
        <li key={id}>
          <div>
            <h3>
              {title} {on && <span class="badge">On</span>}
            </h3>
            <p class="small">
              {state}
              {lastUsedAt !== undefined && (
                <>
                  , last used <Time at={lastUsedAt} now={now} />
                </>
              )}
            </p>
          </div>
          {href !== undefined && label !== undefined && (
            <LinkButton href={href} label={<Labelled label={label} object={title} />} quiet />
          )}
        </li>
      ))}
    </ul>
  )
}
