/** The pages about the configuration in Chromium. */
import { configurationPages } from '../../support/pages/configuration-samples.ts'
import { describeLooks } from '../../support/pages/page-looks.ts'

describeLooks({ samples: configurationPages, form: 'configuration-list' })
