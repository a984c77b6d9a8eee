// Who plays which step.
#pragma once

#include "step.hpp"

namespace agent {

Players client_players();
Players atom_players();
Players change_players();
Players watch_players();
Players promise_players();
Players delay_players();
Players lease_players();
Players future_players();

}  // namespace agent
