/** The pages of the developer portal in Chromium. */
import { developerPages } from '../support/pages/developer-samples.ts'
import { describeLooks } from '../support/pages/page-looks.ts'

describeLooks({ samples: developerPages, form: 'developer-new' })
