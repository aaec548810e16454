/** The signed-in person's own page: who they are here, and the sessions they can see and end. */
import { HiddenFields, Notice } from './form.tsx'
import { Monogram, type PageTenant, renderLayout, safeHref } from './layout.tsx'
import { Mark } from './login-page.tsx'
import { Moment } from './moment.tsx'

export interface AccountProfile {
  readonly name?: string | undefined
  readonly email?: string | undefined
  readonly emailVerified?: boolean | undefined
  /** Never loaded: it lives at a third party, who would learn of every visit. Initials stand in. */
  readonly pictureUrl?: string | undefined
  readonly groups?: readonly string[] | undefined
}

export interface AccountSession {
  readonly id: string
  readonly device: string
  /** Label of the connection it was opened through. */
  readonly connection: string
  readonly createdAt: Date
  readonly seenAt: Date
  readonly endsAt: Date
  readonly current: boolean
}

/** One way the person signs in. */
export interface AccountIdentity {
  /** What the form that takes it away calls it. */
  readonly id: string
  readonly gate: string
  readonly email?: string | undefined
  readonly lastUsedAt: Date
  /** False when its connection is gone: nobody gets in by it any more. */
  readonly usable: boolean
}

/** A gate that could be one more way in. */
export interface AddableGate {
  readonly id: string
  readonly label: string
  readonly markPath?: string | undefined
  /** Where to go instead of posting the form: a password is added behind a mailed link. */
  readonly href?: string | undefined
}

export interface AccountWays {
  readonly identities: readonly AccountIdentity[]
  readonly addable: readonly AddableGate[]
  /** Where to sign in again first; absent while the last sign-in is fresh enough to change something. */
  readonly signInAgainHref?: string | undefined
  /** Where the forms are posted to: `unlink` gets the identity's id as `identity`, `add` the gate's as `connection`. */
  readonly actions: { readonly unlink: string; readonly add: string }
}

/** Addresses the page's forms are posted to. */
export interface AccountActions {
  readonly signOut: string
  /** Gets the session's id as the field `session`. */
  readonly endSession: string
  readonly endOthers: string
  /** Carried by every form. */
  readonly hidden?: Readonly<Record<string, string>> | undefined
}

export interface AccountPageProps {
  readonly tenant: PageTenant
  readonly profile: AccountProfile
  /** Label of the connection, such as "Okta". */
  readonly signedInWith: string
  readonly ways?: AccountWays | undefined
  readonly sessions: readonly AccountSession[]
  readonly actions: AccountActions
  readonly now: Date
  readonly notice?: string | undefined
  readonly supportUrl?: string | undefined
}

export function accountPage(props: AccountPageProps): string {
  const { tenant, profile, sessions, actions } = props
  const current = sessions.find((session) => session.current)
  const others = sessions.filter((session) => !session.current)
  return renderLayout({
    title: `You at ${tenant.name}`,
    supportUrl: props.supportUrl,
    wide: true,
    children: (
      <>
        <Notice text={props.notice} />
        <section class="card">
          <div class="person">
            <Monogram text={profile.name ?? profile.email ?? tenant.name} />
            <div>
              <h1>{profile.name ?? profile.email ?? 'Signed in'}</h1>
              <p class="small">{tenant.name}</p>
            </div>
            <ActionForm action={actions.signOut} hidden={actions.hidden} label="Sign out" />
          </div>
          <Facts {...props} current={current} />
        </section>
        {props.ways !== undefined && <WaysIn ways={props.ways} hidden={actions.hidden} now={props.now} />}
        <section class="card" aria-labelledby="sessions">
          <h2 id="sessions">Where you are signed in</h2>
          <ul class="sessions">
            {[...(current === undefined ? [] : [current]), ...others].map((session) => (
              <SessionRow key={session.id} session={session} actions={actions} now={props.now} />
            ))}
          </ul>
          {others.length === 0 ? (
            <p class="small">You are signed in nowhere else.</p>
          ) : (
            <ActionForm action={actions.endOthers} hidden={actions.hidden} label="End all other sessions" />
          )}
        </section>
      </>
    ),
  })
}

function Facts(props: AccountPageProps & { readonly current: AccountSession | undefined }) {
  const { email, emailVerified, groups = [] } = props.profile
  return (
    <dl>
      {email !== undefined && (
        <div>
          <dt>Email</dt>
          <dd>
            {email}{' '}
            {emailVerified !== undefined && <span class="badge">{emailVerified ? 'Verified' : 'Not verified'}</span>}
          </dd>
        </div>
      )}
      <div>
        <dt>Signed in with</dt>
        <dd>{props.signedInWith}</dd>
      </div>
      {props.current !== undefined && (
        <div>
          <dt>Signed in at</dt>
          <dd>
            <Moment at={props.current.createdAt} />
          </dd>
        </div>
      )}
      {groups.length > 0 && (
        <div>
          <dt>Groups</dt>
          <dd>
            <Groups names={groups} />
          </dd>
        </div>
      )}
    </dl>
  )
}

const groupsShownAtOnce = 8

function Groups({ names }: { readonly names: readonly string[] }) {
  const rest = names.slice(groupsShownAtOnce)
  return (
    <>
      {names.slice(0, groupsShownAtOnce).join(', ')}
      {rest.length > 0 && (
        <details>
          <summary>and {rest.length} more</summary>
          {rest.join(', ')}
        </details>
      )}
    </>
  )
}

interface WaysInProps {
  readonly ways: AccountWays
  readonly hidden: AccountActions['hidden']
  readonly now: Date
}

function WaysIn({ ways, hidden, now }: WaysInProps) {
  const { identities, signInAgainHref, actions } = ways
  const usable = identities.filter((identity) => identity.usable).length
  return (
    <section class="card" aria-labelledby="ways">
      <h2 id="ways">How you sign in</h2>
      <ul class="sessions">
        {identities.map((identity) => (
          <li key={identity.id}>
            <div>
              <h3>{identity.gate}</h3>
              {identity.email !== undefined && <p class="small">{identity.email}</p>}
              <p class="small">
                Last used <Moment at={identity.lastUsedAt} now={now} />
                {!identity.usable && ', no longer offered here'}
              </p>
            </div>
            {signInAgainHref === undefined && (usable > 1 || !identity.usable) && (
              <ActionForm
                action={actions.unlink}
                hidden={{ ...hidden, identity: identity.id }}
                label="Unlink"
                object={identity.gate}
              />
            )}
          </li>
        ))}
      </ul>
      {usable < 2 && <p class="small">This is your only way in, so it cannot be unlinked.</p>}
      {signInAgainHref === undefined ? (
        <AddableGates ways={ways} hidden={hidden} />
      ) : (
        <>
          <p class="small">To add or unlink a way to sign in, sign in again first: then we know that it is you.</p>
          <a class="button quiet" href={safeHref(signInAgainHref)}>
            Sign in again
          </a>
        </>
      )}
    </section>
  )
}

function AddableGates({ ways, hidden }: Omit<WaysInProps, 'now'>) {
  const { addable, actions } = ways
  if (addable.length === 0) return null
  return (
    <>
      <h3>Add another way to sign in</h3>
      <ul class="gates">
        {addable.map((gate) => (
          <li key={gate.id}>
            {gate.href !== undefined ? (
              <a class="gate" href={safeHref(gate.href)}>
                <Mark path={gate.markPath} />
                <span>{gate.label}</span>
              </a>
            ) : (
              <form method="post" action={safeHref(actions.add)}>
                <HiddenFields values={{ ...hidden, connection: gate.id }} />
                <button type="submit" class="gate">
                  <Mark path={gate.markPath} />
                  <span>{gate.label}</span>
                </button>
              </form>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}

interface SessionRowProps {
  readonly session: AccountSession
  readonly actions: AccountActions
  readonly now: Date
}

function SessionRow({ session, actions, now }: SessionRowProps) {
  return (
    <li>
      <div>
        <h3>
          {session.device} {session.current && <span class="badge">This session</span>}
        </h3>
        <p class="small">
          {session.connection}, active <Moment at={session.seenAt} now={now} />
        </p>
        <p class="small">
          <span class="whole">
            Signed in <Moment at={session.createdAt} />,
          </span>{' '}
          <span class="whole">
            ends <Moment at={session.endsAt} />
          </span>
        </p>
      </div>
      <ActionForm
        action={actions.endSession}
        hidden={{ ...actions.hidden, session: session.id }}
        label="End"
        object={session.current ? 'this session' : `the session of ${session.device}`}
      />
    </li>
  )
}

interface ActionFormProps {
  readonly action: string
  readonly hidden: Readonly<Record<string, string>> | undefined
  readonly label: string
  /** What the button acts on, for those who do not see what it stands beside. */
  readonly object?: string
}

function ActionForm({ action, hidden = {}, label, object }: ActionFormProps) {
  return (
    <form method="post" action={safeHref(action)}>
      <HiddenFields values={hidden} />
      <button type="submit" class="quiet">
        {label}
        {object !== undefined && <span class="unseen"> {object}</span>}
      </button>
    </form>
  )
}
