// The exported functions, one file for each concern. Their surface is documented in src/kernel/native.ts.
#pragma once

#include <napi.h>

namespace addon {

void export_codec(Napi::Env env, Napi::Object exports);            // encode, decode
void export_namespaces(Napi::Env env, Napi::Object exports);       // createNamespace, deleteNamespace, …
void export_sysctls(Napi::Env env, Napi::Object exports);          // writeSysctls, readSysctl
void export_link_attributes(Napi::Env env, Napi::Object exports);  // writeLinkAttributes, readLinkAttribute
void export_short_cuts(Napi::Env env, Napi::Object exports);       // openShortCut, enterShortCut
void export_announcements(Napi::Env env, Napi::Object exports);    // announceAddresses
void export_descriptors(Napi::Env env, Napi::Object exports);      // tryLock, peerCredentials, listen
void export_files(Napi::Env env, Napi::Object exports);            // buildFiles, compareFiles, flushFiles
void export_rows(Napi::Env env, Napi::Object exports);             // readRows
void export_configuration(Napi::Env env, Napi::Object exports);    // configure
void export_memory(Napi::Env env, Napi::Object exports);           // trimMemory

}  // namespace addon
