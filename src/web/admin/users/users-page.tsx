/** `/admin/users`: a page of the users that a search finds. */
import type { Administrator } from '../../../broker/access/target.ts'
import type { User } from '../../../broker/ports/users.ts'
import { Form, Notice } from '../../../pages/form.tsx'
import { safeHref } from '../../../pages/layout.tsx'
import { CursorPaging } from '../../../pages/paging.tsx'
import { Section } from '../../../pages/parts.tsx'
import { Scroll } from '../../../pages/scroll.tsx'
import { Time } from '../../../pages/time.tsx'
import { renderAdminPage } from '../admin-layout.tsx'
import { ChoiceFilter, FilterCard, SearchButton, TextFilter } from '../filter-field.tsx'
import { serviceAccountsPath, userPath, usersPath } from './paths.ts'
import { statusOf, userName } from './user-names.ts'
import { type UsersQuery, userStatuses, usersHref } from './users-query.ts'

export interface UsersPageProps {
  readonly by: Administrator
  /** The tenant that is searched. Undefined: all. */
  readonly tenant: string | undefined
  readonly query: UsersQuery
  readonly users: readonly User[]
  /** Cursor of the next page; undefined on the last one. */
  readonly next: string | undefined
  readonly notice?: string | undefined
  readonly newAccount: NewAccountProps
}

export interface NewAccountProps {
  /** Typed name. */
  readonly name?: string | undefined
  readonly fault?: string | undefined
  /** The administrator has to sign in again first. */
  readonly signInAgainHref?: string | undefined
}

export function usersPage(props: UsersPageProps): string {
  const { by, tenant, query, users, next, notice, newAccount } = props
  return renderAdminPage({
    section: 'users',
    by,
    tenant,
    children: (
      <>
        <Notice text={notice} />
        <FilterCard>
          <Search query={query} choosesTenant={by.roles.includes('operator')} />
        </FilterCard>
        <Section id="list" title="Users">
          <Users users={users} showsTenant={tenant === undefined} query={query} />
          <CursorPaging
            label="users"
            first={query.cursor && usersHref({ ...query, cursor: undefined })}
            next={next && usersHref({ ...query, cursor: next })}
          />
        </Section>
        {tenant !== undefined && <NewServiceAccount tenant={tenant} {...newAccount} />}
      </>
    ),
  })
}

const statusChoices = userStatuses.map((status) => [status, statusOf({ status }).label] as const)

interface SearchProps {
  readonly query: UsersQuery
  readonly choosesTenant: boolean
}

function Search({ query, choosesTenant }: SearchProps) {
  const { tenant, email, name, status, kind } = query
  return (
    <form method="get" action={usersPath} class="filters" aria-label="Search users">
      <TextFilter name="email" label="Email or ID" value={email} />
      <TextFilter name="name" label="Name" value={name} />
      <ChoiceFilter name="status" label="Status" value={status} choices={statusChoices} />
      <ChoiceFilter
        name="kind"
        label="Kind"
        value={kind}
        choices={[
          ['person', 'People'],
          ['service', 'Service accounts'],
        ]}
      />
      {choosesTenant && <TextFilter name="tenant" label="Tenant (empty: all)" value={tenant} />}
      <SearchButton />
    </form>
  )
}

interface UsersProps {
  readonly users: readonly User[]
  readonly showsTenant: boolean
  readonly query: UsersQuery
}

function Users({ users, showsTenant, query: { email, name, status, kind } }: UsersProps) {
  if (users.length === 0) {
    const isSearch = [email, name, status, kind].some((each) => each !== undefined)
    return (
      <p>
        {isSearch ? 'No user matches. Emails and names are compared from their beginning.' : 'There are no users yet.'}
      </p>
    )
  }
  return (
    <Scroll label="Table of users">
      <table class="records">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Email</th>
            {showsTenant && <th scope="col">Tenant</th>}
            <th scope="col">Status</th>
            <th scope="col">Created</th>
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <UserRow key={user.id} user={user} showsTenant={showsTenant} />
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function UserRow({ user, showsTenant }: { readonly user: User; readonly showsTenant: boolean }) {
  const { email } = user.profile
  const { label, state } = statusOf(user)
  return (
    <tr>
      <th scope="row">
        <a href={safeHref(userPath(user.id))}>{userName(user)}</a>
        {user.kind === 'service' && (
          <>
            {' '}
            <span class="badge">Service account</span>
          </>
        )}
      </th>
      <td data-label="Email">
        {email?.address ?? '–'}
        {email !== undefined && !user.emailProven && (
          <>
            {' '}
            <span class="badge">Not verified</span>
          </>
        )}
      </td>
      {showsTenant && <td data-label="Tenant">{user.tenant}</td>}
      <td data-label="Status">
        <span class={`state ${state}`}>{label}</span>
      </td>
      <td data-label="Created">
        <Time at={user.createdAt} />
      </td>
    </tr>
  )
}

function NewServiceAccount({ tenant, name, fault, signInAgainHref }: NewAccountProps & { readonly tenant: string }) {
  return (
    <Section id="new-service-account" title="New service account">
      <p class="small">
        A user for a program: no person signs in as it. Create its API tokens through the <a href="/api">API</a>.
      </p>
      {signInAgainHref === undefined ? (
        <Form action={serviceAccountsPath} hidden={{ tenant }}>
          <div class="field">
            <label for="account-name">Name</label>
            <input
              id="account-name"
              name="name"
              required
              value={name ?? ''}
              autocomplete="off"
              {...(fault !== undefined && { 'aria-invalid': true, 'aria-describedby': 'account-name-fault' })}
            />
            {fault !== undefined && (
              <p class="fault" id="account-name-fault">
                {fault}
              </p>
            )}
          </div>
          <button type="submit">Create service account</button>
        </Form>
      ) : (
        <p>
          <a href={safeHref(signInAgainHref)}>Sign in again</a> to create one. Your last sign-in must be at most ten
          minutes old.
        </p>
      )}
    </Section>
  )
}
