/** Texts of the errors about a user's own account (error-texts.ts). */
export const accountErrorTexts = {
  deletion_refused: {
    title: 'Accounts cannot be deleted here',
    text: 'Your organization manages its accounts itself.',
  },
  user_owns_apps: {
    title: 'The user still owns apps',
    text: 'Their owner deletes them in the developer portal first.',
  },
  email_not_verifiable: {
    title: 'This address cannot be verified by email',
    text: 'It is verified by the sign-in method that manages addresses of its domain. Sign in with that method.',
  },
} as const
