/** The users of the emulated upstreams. Some share an email, to show linking. */
import type { SamlPerson } from '../providers/saml/emulator/participants.ts'

type Person = Readonly<Record<string, unknown>>

/** The user that the quickstart adds with a password; with Google, this email needs linking. */
const adaAtWork = 'ada@example.test'
const adaAtHome = 'ada@gmail.example'
/** Two users share this mailbox. */
const family = 'family@gmail.example'

const ada = { name: 'Ada Lovelace', given_name: 'Ada', family_name: 'Lovelace' }
const grace = { name: 'Grace Hopper', given_name: 'Grace', family_name: 'Hopper' }

export const oktaPeople: readonly Person[] = [
  { sub: 'ada', email: 'ada@okta.example', email_verified: true, name: ada.name, groups: ['Everyone', 'Analysts'] },
  { sub: 'grace', email: 'grace@okta.example', email_verified: false, name: grace.name, groups: ['Everyone'] },
  { sub: 'alan', name: 'Alan Turing' },
]

export const googlePeople: readonly Person[] = [
  { sub: '100000000000000000001', email: adaAtHome, email_verified: true, locale: 'en', ...ada },
  { sub: '100000000000000000002', email: adaAtWork, email_verified: true, locale: 'en', ...ada },
  {
    sub: '100000000000000000003',
    email: 'grace@workspace.example',
    email_verified: true,
    hd: 'workspace.example',
    ...grace,
  },
  { sub: '100000000000000000004', email: family, email_verified: true, locale: 'en', ...ada },
]

export const linkedInPeople: readonly Person[] = [
  { sub: 'li-ada-01', email: 'ada@linkedin.example', email_verified: true, locale: 'en-GB', ...ada },
  { sub: 'li-ada-02', email: adaAtHome, email_verified: false, locale: 'en-GB', ...ada },
  { sub: 'li-alan-3', name: 'Alan Turing', given_name: 'Alan', family_name: 'Turing' },
]

/** Two directories: Acme, and one whose admin wrote down an address of Acme's domain. */
export const entraPeople: readonly Person[] = [
  {
    sub: 'entra-ada',
    oid: '11111111-0000-4000-8000-000000000001',
    tid: '9122040d-6c67-4c5b-b112-36a304b66dad',
    email: 'ada@entra.example',
    email_verified: true,
    groups: ['0760b6cf-170e-4a14-91b3-4b78e0739963'],
    ...ada,
  },
  {
    sub: 'entra-eve',
    oid: '22222222-0000-4000-8000-000000000002',
    tid: '72f988bf-86f1-41af-91ab-2d7cd011db47',
    email: 'ada@entra.example',
    email_verified: false,
    name: 'Eve of another directory',
  },
]

const gitHubUser = (id: number, login: string, name: string, email: string, verified: boolean): Person => ({
  sub: String(id),
  name,
  email,
  email_verified: verified,
  user: { id, login, name, html_url: `https://github.example/${login}`, avatar_url: null, company: '@acme' },
  emails: [{ email, primary: true, verified, visibility: 'private' }],
  organizations: [{ login: 'acme', id: 1 }],
})

export const gitHubPeople: readonly Person[] = [
  gitHubUser(1207, 'ada', ada.name, 'ada@github.example', true),
  gitHubUser(1906, 'grace', grace.name, 'grace@github.example', false),
]

export const gitLabPeople: readonly Person[] = [
  {
    sub: '17',
    email: 'ada@gitlab.example',
    email_verified: true,
    nickname: 'ada',
    name: ada.name,
    groups: ['acme', 'acme/platform'],
    groups_direct: ['acme/platform'],
  },
  { sub: '18', email: 'grace@gitlab.example', email_verified: false, nickname: 'grace', name: grace.name, groups: [] },
]

export const applePeople: readonly Person[] = [
  { sub: '000001.a1.0001', email: 'ada@icloud.example', email_verified: true, ...ada },
  { sub: '000002.a2.0002', email: adaAtHome, email_verified: true, ...ada },
  { sub: '000003.b1.0003', ...grace },
  { sub: '000004.b2.0004', email: family, email_verified: true, ...grace },
]

export const epamPeople: readonly SamlPerson[] = [
  {
    nameId: 'ada_lovelace',
    attributes: {
      email: ['ada_lovelace@epam.example'],
      fullName: ['Ada Lovelace'],
      displayName: ['Ada Lovelace'],
      firstName: ['Ada'],
      lastName: ['Lovelace'],
      memberOf: ['analysts', 'london'],
    },
  },
  {
    nameId: 'grace_hopper',
    attributes: {
      email: ['grace_hopper@epam.example'],
      fullName: ['Grace Hopper'],
      displayName: ['Grace Hopper'],
      firstName: ['Grace'],
      lastName: ['Hopper'],
      memberOf: ['engineers'],
    },
  },
]
