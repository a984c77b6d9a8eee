// Functions of the application, made callable from inside.
#pragma once

#include <exoref/exoref.h>

#include "capi/handles.hpp"
#include "refs/body.hpp"
#include "refs/swap.hpp"
#include "refs/validator.hpp"
#include "refs/watches.hpp"

namespace exo::capi {

refs::ValidatorPtr validator_in(exoref_validator_fn fn, const refs::ContextPtr &context);  ///< null for NULL
refs::SwapFunction swap_in(exoref_swap_fn fn, void *ctx, std::size_t limit);
refs::Body::Function body_in(exoref_body_fn fn, void *ctx, std::size_t limit);  ///< null for NULL
refs::Callback<const refs::Watch &, const refs::Change &> watch_in(exoref_watch_fn fn, refs::ContextPtr context);
refs::Callback<refs::Future &> future_in(exoref_future_fn fn, refs::ContextPtr context);

}  // namespace exo::capi
