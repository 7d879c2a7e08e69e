// audit/version.h -- the version of the project, from the build.
#ifndef AUDIT_VERSION_H_INCLUDED
#define AUDIT_VERSION_H_INCLUDED

#ifdef RETICULE_VERSION
#define AUDIT_VERSION RETICULE_VERSION
#else
#define AUDIT_VERSION "unversioned"
#endif

#endif
