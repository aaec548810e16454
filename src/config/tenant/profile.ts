/** `profile:` of a connection: the mapping from upstream attributes to the profile. */

import { z } from 'zod'
import type { ProfileMapping } from '../../profile/mapping.ts'
import { maxTextLength } from '../../profile/profile.ts'
import { withDescriptions } from '../../provider/options.ts'

const maxChoices = 20
const maxNames = 1000
const name = z.string().min(1).max(256)
const text = z.string().min(1).max(maxTextLength)
const constant = z.strictObject({
  constant: text.describe('This text, at most 256 characters, for every user of this connection. Required.'),
})

const names = z
  .union([name, z.array(name).min(1).max(maxChoices)])
  .transform((given): readonly string[] => (typeof given === 'string' ? [given] : given))

const choice = z
  .union([
    name,
    constant,
    z
      .array(z.union([name, constant]))
      .min(1)
      .max(maxChoices),
  ])
  .transform((given) => (Array.isArray(given) ? given : [given]))

const of = (what: string, otherwise = "the provider's own") =>
  choice
    .optional()
    .describe(
      `${what}: an attribute's name, a list, whose first present entry counts, or {constant: …}. Default: ${otherwise}.`,
    )

const namesOf = (what: string, otherwise: string) =>
  names
    .optional()
    .describe(`${what}: an attribute's name, or a list, whose first present entry counts. Default: ${otherwise}.`)

const groups = z.strictObject({
  from: namesOf('Names of groups', "the provider's own"),
  ...withDescriptions(
    {
      keepPrefixes: z.array(text).min(1).max(maxNames).optional(),
      rename: z.record(text, text).optional(),
      emptyWhenAbsent: z.boolean().optional(),
    },
    {
      keepPrefixes: 'Prefixes: groups that begin with none of them are left out. Default: all are kept.',
      rename: 'Group, as the upstream names it, to the name it gets here. Default: names stay.',
      emptyWhenAbsent:
        'true: an answer without groups means that the user has none, as with Okta when no group matches; false: known groups and roles stay. Default false.',
    },
  ),
})

const roles = z
  .strictObject({
    from: namesOf('Names of roles', 'none'),
    ...withDescriptions(
      {
        fromGroups: z.record(text, z.union([text, z.array(text).min(1).max(maxNames)])).optional(),
        constant: z.array(text).min(1).max(maxNames).optional(),
      },
      {
        fromGroups:
          'Group, as the upstream names it (before keepPrefixes and rename), to a role or a list of roles. Default: none.',
        constant: 'Roles of every user of this connection. Default: none.',
      },
    ),
  })
  .refine(
    (given) => Object.values(given).some((value) => value !== undefined),
    'must say where roles come from: from, fromGroups or constant',
  )

/** Names are looked up as written, then as a path. Mapped attributes have no other source. */
export const profileSchema = z
  .strictObject({
    email: namesOf('Email address', "the provider's own"),
    email_verified: namesOf(
      'Whether the email is verified (true or 1)',
      'as the provider has it, for the address the upstream itself calls email',
    ),
    name: of('Full name'),
    given_name: of('Given name'),
    family_name: of('Family name'),
    middle_name: of('Middle name'),
    nickname: of('Nickname'),
    picture: of('Address of a picture, https only'),
    locale: of('Language, such as de-CH'),
    zoneinfo: of('Time zone, such as Europe/Zurich'),
    preferred_username: of('User name at the upstream'),
    profile: of("Address of the user's page at the upstream, http or https"),
    website: of("Address of the user's own page, http or https"),
    gender: of('Gender'),
    birthdate: of('Date of birth: YYYY-MM-DD, 0000-MM-DD or YYYY'),
    updated_at: of('When the upstream last changed the profile: seconds since 1970 or ISO 8601'),
    phone_number: namesOf('Phone number', "the provider's own"),
    phone_number_verified: namesOf('Whether the phone number is verified (true or 1)', 'as the provider has it'),
    organization: of('Organization'),
    groups: groups.optional().describe("Groups, filtered and renamed. Default: the provider's own."),
    roles: roles.optional().describe('Roles; none exist unless they are mapped here. Default: none.'),
  })
  .optional()
  .describe(
    "Mapping of the upstream's attributes to the profile; gatehouse profile preview shows the outcome. Default: as the provider has it.",
  ) satisfies z.ZodType<ProfileMapping | undefined>
