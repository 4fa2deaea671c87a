/** Columns that every row has. Times are ISO 8601. */
export type RowColumns = {
  id: string;
  uid: string;
  createdAt: string;
  updatedAt: string;
};

/** An organisation, as the published delivery shows it. */
export type CompanyRow = RowColumns & {
  slug: string;
  name: string;
  description: string | null;
  freeTrialExpiredAt: string | null;
  freeTrialStartedAt: string | null;
  subscribedAt: string | null;
  imageId: string | null;
  subscriptionPlanId: string | null;
  freeTrialExtendedById: string | null;
  freeTrialExtendedAt: string | null;
};

/** A workspace with its organisation. */
export type ProjectRow = RowColumns & {
  slug: string;
  name: string;
  description: string;
  archived: boolean;
  isTemplate: boolean;
  isOfficialTemplate: boolean;
  category: string;
  companyId: string;
  imageId: string | null;
  hideEmailFromRoles: string[] | null;
  company: CompanyRow;
};

/** A person. */
export type UserRow = RowColumns & {
  username: string;
  email: string;
  firstName: string;
  lastName: string;
  fullName: string;
  phoneNumber: string | null;
  jobTitle: string | null;
  isEmailVerified: boolean;
  locale: string;
  timezone: string | null;
  imageId: string | null;
};

type NameColumns = RowColumns & { name: string; slug: string };

export function companyRow({ id, uid, createdAt, updatedAt, name, slug }: NameColumns): CompanyRow {
  return {
    id,
    uid,
    slug,
    name,
    description: null,
    createdAt,
    updatedAt,
    freeTrialExpiredAt: null,
    freeTrialStartedAt: createdAt,
    subscribedAt: null,
    imageId: null,
    subscriptionPlanId: null,
    freeTrialExtendedById: null,
    freeTrialExtendedAt: null,
  };
}

export function projectRow(columns: NameColumns, company: CompanyRow): ProjectRow {
  const { id, uid, createdAt, updatedAt, name, slug } = columns;
  return {
    id,
    uid,
    slug,
    name,
    description: '',
    archived: false,
    createdAt,
    updatedAt,
    isTemplate: false,
    isOfficialTemplate: false,
    category: 'GENERAL',
    companyId: company.id,
    imageId: null,
    hideEmailFromRoles: null,
    company,
  };
}

export function userRow(columns: RowColumns & { firstName: string; lastName: string; email: string }): UserRow {
  const { id, uid, createdAt, updatedAt, firstName, lastName, email } = columns;
  return {
    id,
    uid,
    username: email,
    email,
    firstName,
    lastName,
    fullName: `${firstName} ${lastName}`,
    phoneNumber: null,
    jobTitle: null,
    isEmailVerified: true,
    locale: 'EN',
    timezone: 'Europe/Berlin',
    createdAt,
    updatedAt,
    imageId: null,
  };
}
