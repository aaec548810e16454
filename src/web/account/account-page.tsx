/** `/account`: the user's profile, sign-in methods, connected apps and sessions. */

import { ActionForm } from '../../pages/action-form.tsx'
import { Notice } from '../../pages/form.tsx'
import { Monogram, type PageTenant, renderLayout, safeHref } from '../../pages/layout.tsx'
import { Time } from '../../pages/time.tsx'
import { type AccountApps, Apps } from './connected-apps-section.tsx'
import { type AccountSession, type SessionActions, Sessions } from './sessions-section.tsx'
import { SignInMethodList, type SignInMethods } from './sign-in-methods-section.tsx'

export type { AccountApps } from './connected-apps-section.tsx'
export type { AccountSession } from './sessions-section.tsx'
export type { AccountIdentity, AddableConnection, SignInMethods } from './sign-in-methods-section.tsx'

export interface AccountProfile {
  readonly name?: string | undefined
  readonly email?: string | undefined
  readonly emailVerified?: boolean | undefined
  /** Never loaded: it lives at a third party, who would learn of every visit. Initials stand in. */
  readonly pictureUrl?: string | undefined
  readonly groups?: readonly string[] | undefined
}

/** Addresses the page's forms are posted to. */
export interface AccountActions extends SessionActions {
  readonly signOut: string
}

export interface AccountPageProps {
  readonly tenant: PageTenant
  readonly profile: AccountProfile
  /** Label of the connection, such as "Okta". */
  readonly signedInWith: string
  readonly signInMethods?: SignInMethods | undefined
  /** Path of the brands' stylesheet. */
  readonly brandStyles?: string | undefined
  readonly apps?: AccountApps | undefined
  readonly sessions: readonly AccountSession[]
  readonly actions: AccountActions
  /** Set where the user may register apps. */
  readonly developerHref?: string | undefined
  readonly now: Date
  readonly notice?: string | undefined
  readonly supportUrl?: string | undefined
}

export function accountPage(props: AccountPageProps): string {
  const { tenant, profile, sessions, actions } = props
  const current = sessions.find((session) => session.current)
  return renderLayout({
    title: `Your account – ${tenant.name}`,
    supportUrl: props.supportUrl,
    wide: true,
    styles: props.brandStyles,
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
          {props.developerHref !== undefined && (
            <p class="small">
              <a href={safeHref(props.developerHref)}>Developer</a>: register apps that use this sign-in.
            </p>
          )}
        </section>
        {props.signInMethods !== undefined && (
          <SignInMethodList methods={props.signInMethods} hidden={actions.hidden} now={props.now} />
        )}
        {props.apps !== undefined && <Apps apps={props.apps} hidden={actions.hidden} now={props.now} />}
        <Sessions sessions={sessions} actions={actions} now={props.now} />
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
            <Time at={props.current.createdAt} />
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
