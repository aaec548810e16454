/** `/account/name`: the user's own name. */
import { ActionForm, Form } from '../../../pages/form.tsx'
import { Aside } from '../../../pages/parts.tsx'
import type { EditableAttribute } from '../../../profile/profile.ts'
import { type AccountViewer, accountLayout } from '../account-layout.tsx'
import { attributeLabels } from './profile-page.tsx'

export interface NameField {
  readonly attribute: EditableAttribute
  /** The current name. */
  readonly value: string
  /** The user set it. */
  readonly isEdited: boolean
  /** Name that the sign-in methods supply. */
  readonly supplied?: string | undefined
}

interface NamePageProps {
  readonly viewer: AccountViewer
  readonly fields: readonly NameField[]
}

const autocomplete = { name: 'name', givenName: 'given-name', familyName: 'family-name' } as const

export function namePage({ viewer, fields }: NamePageProps): string {
  return accountLayout({
    section: 'profile',
    viewer,
    back: { href: '/account', label: 'Profile' },
    title: 'Edit your name',
    children: (
      <section class="card">
        <Form action="/account/name">
          <p class="small">
            Apps see your name as you write it here. It stays when you sign in again; empty a field to use what your
            sign-in methods supply.
          </p>
          {fields.map(({ attribute, value, isEdited, supplied }) => (
            <div class="field" key={attribute}>
              <label for={attribute}>{attribute === 'name' ? 'Display name' : attributeLabels[attribute]}</label>
              <input
                id={attribute}
                name={attribute}
                type="text"
                value={value}
                maxLength={256}
                autocomplete={autocomplete[attribute]}
                spellcheck={false}
                aria-describedby={`${attribute}-hint`}
              />
              <p class="hint" id={`${attribute}-hint`}>
                {hintOf(isEdited, supplied)}
              </p>
            </div>
          ))}
          <button type="submit">Save</button>
        </Form>
        {fields.some(({ isEdited }) => isEdited) && (
          <ActionForm action="/account/name/reset" label="Reset to what your sign-in methods supply" />
        )}
        <Aside href="/account" label="Cancel" />
      </section>
    ),
  })
}

function hintOf(isEdited: boolean, supplied: string | undefined): string {
  if (!isEdited) return supplied === undefined ? 'Not known.' : 'From your sign-in methods.'
  return supplied === undefined ? 'Set by you.' : `Set by you; your sign-in methods supply ${supplied}.`
}
