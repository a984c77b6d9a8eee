// The fallible functions of delays and leases with a NULL handle and good arguments else: part of the list of nulls_test.cpp.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "capi/delays.hpp"

namespace exo::capi_test {

using Fallible = std::function<exoref_status(exoref_error **)>;

inline std::map<std::string, Fallible> fallible_of_delays() {
    constexpr std::int64_t kMs = 1000;
    return {
        {"exoref_delay_open",
         [](exoref_error **e) { return exoref_delay_open(nullptr, "k", 1, nullptr, kMs, Delay().out(), nullptr, e); }},
        {"exoref_delay_open_async",
         [](exoref_error **e) { return exoref_delay_open_async(nullptr, "k", 1, nullptr, kMs, Future().out(), e); }},
        {"exoref_delay_open_with_body",
         [](exoref_error **e) {
             return exoref_delay_open_with_body(nullptr, "k", 1, call_body, nullptr, nullptr, 0, nullptr, kMs,
                                                Delay().out(), nullptr, e);
         }},
        {"exoref_delay_open_with_body_async",
         [](exoref_error **e) {
             return exoref_delay_open_with_body_async(nullptr, "k", 1, call_body, nullptr, nullptr, 0, nullptr, kMs,
                                                      Future().out(), e);
         }},
        {"exoref_delay_deref", [](exoref_error **e) { return exoref_delay_deref(nullptr, kMs, nullptr, e); }},
        {"exoref_delay_deref_async",
         [](exoref_error **e) { return exoref_delay_deref_async(nullptr, kMs, Future().out(), e); }},
        {"exoref_delay_realized", [](exoref_error **e) { return exoref_delay_realized(nullptr, kMs, nullptr, e); }},
        {"exoref_delay_realized_async",
         [](exoref_error **e) { return exoref_delay_realized_async(nullptr, kMs, Future().out(), e); }},
        {"exoref_delay_claim",
         [](exoref_error **e) { return exoref_delay_claim(nullptr, kMs, Lease().out(), nullptr, e); }},
        {"exoref_delay_claim_async",
         [](exoref_error **e) { return exoref_delay_claim_async(nullptr, kMs, Future().out(), e); }},
        {"exoref_lease_deliver",
         [](exoref_error **e) { return exoref_lease_deliver(nullptr, "v", 1, kMs, nullptr, e); }},
        {"exoref_lease_deliver_async",
         [](exoref_error **e) { return exoref_lease_deliver_async(nullptr, "v", 1, kMs, Future().out(), e); }},
        {"exoref_lease_fail",
         [](exoref_error **e) { return exoref_lease_fail(nullptr, "k", "m", nullptr, 0, kMs, e); }},
        {"exoref_lease_fail_async",
         [](exoref_error **e) {
             return exoref_lease_fail_async(nullptr, "k", "m", nullptr, 0, kMs, Future().out(), e);
         }},
        {"exoref_lease_renew", [](exoref_error **e) { return exoref_lease_renew(nullptr, kMs, nullptr, e); }},
        {"exoref_lease_renew_async",
         [](exoref_error **e) { return exoref_lease_renew_async(nullptr, kMs, Future().out(), e); }},
        {"exoref_lease_lost_async",
         [](exoref_error **e) { return exoref_lease_lost_async(nullptr, Future().out(), e); }},
        {"exoref_lease_give_back", [](exoref_error **e) { return exoref_lease_give_back(nullptr, kMs, e); }},
        {"exoref_lease_give_back_async",
         [](exoref_error **e) { return exoref_lease_give_back_async(nullptr, kMs, Future().out(), e); }},
    };
}

}  // namespace exo::capi_test
