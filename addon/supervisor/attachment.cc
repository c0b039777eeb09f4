// SPDX-License-Identifier: Apache-2.0
#include "supervisor/attachment.h"

#include <cerrno>

namespace tsc {

void Attachment::Open(EventLoop* loop, UniqueFd out, UniqueFd err, OutputTap::WhenSlow when_slow, const std::function<void()>& on_change) {
  const std::weak_ptr<Attachment> weak = weak_from_this();
  const auto changed = [weak, on_change] {
    on_change();
    if (const auto self = weak.lock(); self && self->ended_) self->Finish();
  };
  const auto open = [&](UniqueFd pipe) {
    auto tap = std::make_shared<OutputTap>(loop, std::move(pipe), when_slow);
    tap->Open(changed);
    return tap;
  };
  out_ = open(std::move(out));
  err_ = open(std::move(err));
  reply_.Progress({{"attached", true}});
}

void Attachment::Write(char stream, std::string_view data) {
  (stream == 'o' ? out_ : err_)->Write(data);
  TellLoss();
}

bool Attachment::full() const { return out_->full() || err_->full(); }

std::uint64_t Attachment::Lost() const { return out_->lost() + err_->lost(); }

// Only that it began; how much it was, the end tells: a reader that is slow is not to be flooded with news of that.
void Attachment::TellLoss() {
  if (Lost() == 0 || told_ != 0) return;
  told_ = Lost();
  reply_.Progress({{"lostBytes", told_}});
}

void Attachment::End() {
  ended_ = true;
  self_ = shared_from_this();
  reply_.Progress({{"ended", true}});
  out_->End();
  err_->End();
  Finish();
}

void Attachment::Cancel() {
  finished_ = true;
  out_->Close();
  err_->Close();
  reply_.Fail(Fail("attach", ECANCELED, id_));
}

void Attachment::Finish() {
  if (finished_ || out_->open() || err_->open()) return;
  finished_ = true;
  const auto self = std::move(self_);
  reply_.Ok({{"lostBytes", Lost()}});
}

}  // namespace tsc
