// The wall clock of this machine jumps, by hand or by NTP: nothing of the library may notice. This program's own clock functions
// stand before the C library's: what asks for the wall clock gets one that is set forward and back.
#include <dlfcn.h>
#include <time.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "faults/delay.hpp"
#include "faults/expect.hpp"
#include "faults/watch_log.hpp"
#include "support/fault_proxy.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

constexpr std::int64_t kHour = 3600;

std::atomic<std::int64_t> wall_clock_is_off_by{0};  // seconds

// Sets the clock forward and back, an hour each, for as long as it lives.
class JumpingClock {
public:
    JumpingClock()
        : thread_([this] {
              for (int n = 0; !stop_; ++n) {
                  wall_clock_is_off_by = n % 2 == 0 ? kHour : -kHour;
                  pause_for(Millis(7));
              }
              wall_clock_is_off_by = 0;
          }) {}
    ~JumpingClock() {
        stop_ = true;
        thread_.join();
    }
    JumpingClock(const JumpingClock &) = delete;
    JumpingClock &operator=(const JumpingClock &) = delete;

private:
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

bool clock_jumps() {
    const auto before = std::chrono::system_clock::now();
    return eventually(Millis(5000), [&] {
        const auto off = std::chrono::system_clock::now() - before;
        return off > std::chrono::minutes(30) || off < -std::chrono::minutes(30);
    });
}

Millis since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begin);
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec *time) {
    using Function = int(clockid_t, timespec *);
    static auto *const next = reinterpret_cast<Function *>(dlsym(RTLD_NEXT, "clock_gettime"));
    const int result = next(clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        time->tv_sec += wall_clock_is_off_by.load();
    }
    return result;
}

static void G7_calls_end_in_time_though_the_wall_clock_jumps(void **) {
    RedisServer server;
    const Client client(server.url(), {{"health_interval", "1h"}});
    Atom atom(client, "n", "0");
    EXPECT_OK(atom.add());
    const JumpingClock jumping;
    EXPECT_TRUE_SAYING(clock_jumps(), "the clock stands still");
    exoref_future *future = nullptr;
    server.pause();
    EXPECT_EQ(exoref_atom_deref_async(atom.get(), EXOREF_TIMEOUT_NONE, &future, nullptr), EXOREF_OK);
    for (int i = 0; i < 5; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        const exoref_status read = exoref_atom_deref(atom.get(), 200, nullptr, nullptr);
        const Millis took = since(begin);
        const exoref_status waited = exoref_future_wait(future, 200, nullptr);
        const Millis both = since(begin);
        EXPECT_EQ(read, EXOREF_ETIMEOUT);
        EXPECT_EQ(waited, EXOREF_ETIMEOUT);
        EXPECT_TRUE_SAYING(took >= Millis(195) && both >= Millis(395), std::to_string(both.count()) + " ms: too early");
        EXPECT_TRUE_SAYING(both < scaled(Millis(2400)), std::to_string(both.count()) + " ms: too late");
    }
    exoref_future_release(future);
    server.resume();
}

static void G3_G4_health_and_sweep_go_on_though_the_wall_clock_jumps(void **) {
    RedisServer server;
    FaultProxy proxy(server.tcp());
    const Client writer(server.url());
    const Client client(proxy.url(),
                        {{"health_interval", "400ms"}, {"sweep_interval", "300ms"}, {"backoff_max", "50ms"}});
    Atom theirs(writer, "n", "0");
    Atom atom(client, "n", "0");
    WatchLog log(atom, "log");
    const JumpingClock jumping;
    EXPECT_TRUE_SAYING(clock_jumps(), "the clock stands still");
    proxy.freeze_all();
    EXPECT_OK(theirs.add());
    EXPECT_TRUE(log.wait_for_value("1"));
    EXPECT_TRUE_SAYING(client.stat("health_failures") >= 1, "not found by a health check");
    EXPECT_OK(atom.add());
    EXPECT_TRUE(log.wait_for_value("2"));
    EXPECT_GOOD_LOG(log);
    EXPECT_EQ(log.missed(), 0U);
}

// The owner renews in time, nobody takes the lease from it, and it is followed in time when it is cut off.
static void D7_leases_are_kept_lost_and_taken_over_though_the_wall_clock_jumps(void **) {
    RedisServer server;
    FaultProxy proxy(server.tcp());
    const Client owner(proxy.url(), {{"health_interval", "1h"}});
    const Client waits(server.url(), {{"sweep_interval", "1h"}});
    const Delay mine(owner, "d", {{"lease", "1s"}}), theirs(waits, "d", {{"lease", "1s"}});
    const JumpingClock jumping;
    EXPECT_TRUE_SAYING(clock_jumps(), "the clock stands still");
    Lease lease = mine.must_claim();
    Lease none;
    EXPECT_EQ(theirs.claim(&none, Millis(2000)).status, EXOREF_ETIMEOUT);
    EXPECT_TRUE(!lease.lost());
    EXPECT_EQ(server.must({"HGET", "d", "token"}).text, std::string("1"));
    proxy.freeze_all();
    Lease next = theirs.must_claim(Millis(1000) + kSlack);
    EXPECT_TRUE(eventually(Millis(1000) + kSlack, [&] { return lease.lost(); }));
    EXPECT_OK(next.deliver("second"));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G7_calls_end_in_time_though_the_wall_clock_jumps),
        cmocka_unit_test(G3_G4_health_and_sweep_go_on_though_the_wall_clock_jumps),
        cmocka_unit_test(D7_leases_are_kept_lost_and_taken_over_though_the_wall_clock_jumps),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
