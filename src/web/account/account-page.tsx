/** `/account`: the user's profile, sign-in methods, connected apps and sessions. */

import { ActionForm, Notice } from '../../pages/form.tsx'
import { Monogram, type PageTenant, renderLayout, safeHref } from '../../pages/layout.tsx'
import { Fact } from '../../pages/parts.tsx'
import { Time } from '../../pages/time.tsx'
import type { Profile } from '../../profile/profile.ts'
import { type AccountApp, Apps } from './connected-apps-section.tsx'
import { settingsPath } from './developer-settings/paths.ts'
import { type AccountSession, Sessions } from './sessions-section.tsx'
import { SignInMethodList, type SignInMethods } from './sign-in-methods-section.tsx'

export interface AccountPageProps {
  readonly tenant: PageTenant
  /** Its picture is never loaded: a third party would learn of every visit. */
  readonly profile: Pick<Profile, 'name' | 'email' | 'groups'>
  /** Label of the connection, such as "Okta". */
  readonly signedInWith: string
  readonly signInMethods: SignInMethods
  readonly brandStyles?: string | undefined
  readonly apps: readonly AccountApp[]
  readonly sessions: readonly AccountSession[]
  /** Page of the sessions, from 1. Default: the first. */
  readonly sessionsPage?: number | undefined
  /** Set where the user may register apps. */
  readonly developerHref?: string | undefined
  readonly now: Date
  readonly notice?: string | undefined
}

export function accountPage(props: AccountPageProps): string {
  const { tenant, profile, now } = props
  const name = profile.name ?? profile.email?.address
  return renderLayout({
    title: 'Your account',
    tenant,
    wide: true,
    styles: props.brandStyles,
    children: (
      <>
        <Notice text={props.notice} />
        <section class="card">
          <div class="person">
            <Monogram text={name ?? tenant.name} />
            <div>
              <h1>{name ?? 'Signed in'}</h1>
              <p class="small">{tenant.name}</p>
            </div>
            <ActionForm action="/account/sign-out" label="Sign out" />
          </div>
          <Facts {...props} />
          <DeveloperLinks href={props.developerHref} />
        </section>
        <SignInMethodList {...props.signInMethods} now={now} />
        <Apps apps={props.apps} now={now} />
        <Sessions sessions={props.sessions} pageNumber={props.sessionsPage} now={now} />
      </>
    ),
  })
}

function DeveloperLinks({ href }: { readonly href: string | undefined }) {
  return (
    <div class="small">
      {href !== undefined && (
        <p>
          <a href={safeHref(href)}>Developer portal</a>: register apps that use this sign-in.
        </p>
      )}
      <p>
        <a href={settingsPath}>Developer settings</a>: API tokens{href !== undefined && ' and your client secret'}.
      </p>
    </div>
  )
}

function Facts({ profile: { email, groups = [] }, signedInWith, sessions }: AccountPageProps) {
  const current = sessions.find((session) => session.current)
  return (
    <dl>
      {email !== undefined && (
        <Fact label="Email">
          {email.address} <span class="badge">{email.verified ? 'Verified' : 'Not verified'}</span>
        </Fact>
      )}
      <Fact label="Signed in with">{signedInWith}</Fact>
      {current !== undefined && (
        <Fact label="Signed in at">
          <Time at={current.createdAt} />
        </Fact>
      )}
      {groups.length > 0 && (
        <Fact label="Groups">
          <Groups names={groups} />
        </Fact>
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
