/** Columns for the user search: email and name, in lower case. */
import type { Profile } from '../../../profile/profile.ts'

export const searchText = (text: string): string => text.normalize('NFC').toLowerCase()

/** Values in the order of the parameters of a prepared statement. */
export function searchColumns({ email, ...profile }: Profile) {
  const name = profile.name ?? profile.givenName ?? profile.familyName ?? profile.nickname
  return {
    emailSearch: email === undefined ? null : searchText(email.address),
    nameSearch: name === undefined ? null : searchText(name),
  }
}
