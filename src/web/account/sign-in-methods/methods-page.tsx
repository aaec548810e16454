/** `/account/sign-in-methods`. */
import { withQuery } from '../../../http/destination.ts'
import { ActionForm } from '../../../pages/form.tsx'
import { Labelled, LinkButton, Section } from '../../../pages/parts.tsx'
import { Time } from '../../../pages/time.tsx'
import { BrandLogo } from '../../sign-in/pages/login-page.tsx'
import { type AccountViewer, accountLayout } from '../account-layout.tsx'
import { confirmPage } from '../confirm-page.tsx'
import { accountSections } from '../sections.ts'

export interface AccountIdentity {
  /** Name of the method in the form that removes it. */
  readonly id: string
  readonly connection: string
  /** The email at the upstream, or a name. */
  readonly knownAs?: string | undefined
  /** When it was added or first used, as far as is known. */
  readonly firstUsedAt?: Date | undefined
  readonly lastUsedAt: Date
  readonly logoPath?: string | undefined
  /** URL of the page that changes the method's password. */
  readonly passwordHref?: string | undefined
  /** False when its connection was removed. */
  readonly usable: boolean
  /** Added before a password reset and not confirmed since. Default false. */
  readonly suspended?: boolean
}

export interface AddableConnection {
  readonly id: string
  readonly name: string
  readonly logoPath?: string | undefined
  /** Link in place of the form: a password is added behind an emailed link. */
  readonly href?: string | undefined
}

export interface SignInMethods {
  readonly identities: readonly AccountIdentity[]
  readonly addable: readonly AddableConnection[]
  /** Set when the last sign-in is too old for changes. */
  readonly signInAgainHref?: string | undefined
}

const { path } = accountSections['sign-in-methods']

const isLive = (identity: AccountIdentity) => identity.usable && identity.suspended !== true

export interface SignInMethodsPageProps extends SignInMethods {
  readonly viewer: AccountViewer
  readonly notice?: string | undefined
  /** Has the logos for dark pages. */
  readonly brandStyles?: string | undefined
  readonly now: Date
}

export function signInMethodsPage(props: SignInMethodsPageProps): string {
  const { viewer, notice, brandStyles, identities, addable, signInAgainHref, now } = props
  const mayChange = signInAgainHref === undefined
  const liveCount = identities.filter(isLive).length
  return accountLayout({
    section: 'sign-in-methods',
    viewer,
    notice,
    styles: brandStyles === undefined ? [] : [brandStyles],
    children: (
      <>
        {!mayChange && (
          <section class="card">
            <p>Confirm it's you to change how you sign in.</p>
            <LinkButton href={signInAgainHref} label="Sign in again" quiet />
          </section>
        )}
        <Section id="methods" title="Your sign-in methods">
          {identities.length === 0 && <p class="small">No sign-in method is connected to this account.</p>}
          <ul class="sessions">
            {identities.map((identity) => (
              <MethodRow
                key={identity.id}
                identity={identity}
                mayConfirm={mayChange && identity.suspended === true}
                mayRemove={mayChange && (liveCount > 1 || !isLive(identity))}
                now={now}
              />
            ))}
          </ul>
          {liveCount < 2 && identities.length > 0 && (
            <p class="small">You can't remove your only sign-in method. Add another one first.</p>
          )}
        </Section>
        {mayChange && <AddableConnections addable={addable} />}
      </>
    ),
  })
}

interface MethodRowProps {
  readonly identity: AccountIdentity
  readonly mayConfirm: boolean
  readonly mayRemove: boolean
  readonly now: Date
}

function MethodRow({ identity, mayConfirm, mayRemove, now }: MethodRowProps) {
  const { id, connection, knownAs, firstUsedAt, lastUsedAt, logoPath, passwordHref, usable, suspended } = identity
  const object = [connection, knownAs].filter(Boolean).join(', ')
  return (
    <li>
      <div class="method">
        <BrandLogo path={logoPath} />
        <div>
          <h3>{connection}</h3>
          {knownAs !== undefined && <p class="small">{knownAs}</p>}
          <p class="small">
            {firstUsedAt !== undefined && (
              <>
                <span class="whole">
                  Added <Time at={firstUsedAt} now={now} />,
                </span>{' '}
              </>
            )}
            <span class="whole">
              {firstUsedAt === undefined ? 'Last' : 'last'} used <Time at={lastUsedAt} now={now} />
            </span>
          </p>
          {!usable && <p class="small">Your organization no longer offers it: you cannot sign in with it.</p>}
          {suspended && (
            <p class="small">
              Suspended: it was added before your password was reset, or a change was undone. Confirm it if it is yours.
            </p>
          )}
        </div>
      </div>
      <div class="actions">
        {passwordHref !== undefined && <LinkButton href={passwordHref} label="Change password" quiet />}
        {mayConfirm && (
          <ActionForm action="/account/identities/confirm" hidden={{ identity: id }} label="Confirm" object={object} />
        )}
        {mayRemove && (
          <LinkButton
            href={withQuery(`${path}/remove`, { identity: id })}
            label={<Labelled label="Remove" object={object} />}
            quiet
          />
        )}
      </div>
    </li>
  )
}

function AddableConnections({ addable }: Pick<SignInMethods, 'addable'>) {
  if (addable.length === 0) return null
  return (
    <Section id="add" title="Add a sign-in method">
      <p class="small">You stay signed in. We email you when a method is added or removed.</p>
      <ul class="sessions">
        {addable.map(({ id, name, logoPath, href }) => (
          <li key={id}>
            <div class="method">
              <BrandLogo path={logoPath} />
              <h3>{name}</h3>
            </div>
            {href !== undefined ? (
              <LinkButton href={href} label={<Labelled label="Add" object={name} />} quiet />
            ) : (
              <ActionForm action="/account/identities/add" hidden={{ connection: id }} label="Connect" object={name} />
            )}
          </li>
        ))}
      </ul>
    </Section>
  )
}

interface RemovePageProps {
  readonly viewer: AccountViewer
  readonly identity: Pick<AccountIdentity, 'id' | 'connection' | 'knownAs' | 'passwordHref'>
  readonly signInAgainHref?: string | undefined
}

export function removeMethodPage({ viewer, identity, signInAgainHref }: RemovePageProps): string {
  const { id, connection, knownAs, passwordHref } = identity
  return confirmPage({
    section: 'sign-in-methods',
    viewer,
    title: `Remove ${connection}?`,
    label: `Remove ${connection}`,
    danger: true,
    action: '/account/identities/unlink',
    hidden: { identity: id },
    cancelHref: path,
    signInAgainHref,
    children: (
      <>
        <p>
          You can no longer sign in with {connection}
          {knownAs !== undefined && ` (${knownAs})`}, and sessions that it opened elsewhere end.
        </p>
        <p class="small">
          {passwordHref === undefined
            ? 'You can add it again at any time.'
            : 'The password is deleted. You can set a new one at any time.'}
        </p>
      </>
    ),
  })
}
